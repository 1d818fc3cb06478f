import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";
import { type ClusterState, makeId, type NodeId, signSessionRequest } from "@ionet/protocol";
import fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dialTunnel, tunnelPath } from "../../../agent/tunnel/dial-tunnel.ts";
import { serveTunnel } from "../../../agent/tunnel/serve-tunnel.ts";
import { answerErrors } from "../../platform/http/answer-errors.ts";
import { attachGateway } from "./attach-gateway.ts";

const id = <Kind extends Parameters<typeof makeId>[0]>(kind: Kind) => makeId(kind, randomBytes(20));
const silent = { info: () => {}, warn: () => {}, error: () => {} };
const clock = { now: () => Date.now() };
const MIB = 1024 * 1024;

const [clusterId, strangersId, unreachableId] = [id("cluster"), id("cluster"), id("cluster")];
const [nodeId, leaseId, accountId] = [id("node"), id("lease"), id("account")];
const states = new Map<string, ClusterState>([[clusterId, "ready"]]);
const sessionKey = new Uint8Array(32).fill(9);

let gateway: FastifyInstance;
let ray: Server;
let url: string;
const end = new AbortController();
/** What the service behind the tunnel saw. */
const seen: IncomingMessage[] = [];

/** Any TCP service: here one that answers what it got, in digests. */
function startService(): Promise<Server> {
  const server = createServer((incoming, answer) => {
    seen.push(incoming);
    if (incoming.url === "/api/jobs/slow/logs") {
      answer.write("first line\n");
      setTimeout(() => answer.end("last line\n"), 300);
      return;
    }
    if (incoming.url === "/api/jobs/moved") {
      answer.writeHead(307, { location: "http://127.0.0.1/v1/api-keys" }).end();
      return;
    }
    const hash = createHash("sha256");
    let bytes = 0;
    incoming.on("data", (chunk: Buffer) => {
      hash.update(chunk);
      bytes += chunk.length;
    });
    incoming.on("end", () => {
      answer.writeHead(200, { "content-type": "application/json", "set-cookie": "a=b" });
      answer.end(JSON.stringify({ url: incoming.url, bytes, sha256: hash.digest("hex") }));
    });
  });
  server.on("upgrade", (incoming, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    if (incoming.url === "/api/jobs/moved/logs/tail") {
      socket.end("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n");
    socket.write(head);
    socket.pipe(socket);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

function openTunnel(port: number, signal: AbortSignal): Promise<void> {
  const path = tunnelPath(leaseId);
  const headers = signSessionRequest(
    { method: "GET", path, body: new Uint8Array() },
    { sessionId: "x", key: sessionKey, sequence: 1, createdSeconds: Math.floor(clock.now() / 1000) },
  );
  const service = async () => connect(port, "127.0.0.1");
  return dialTunnel({ url, path, headers, signal }).then((socket) => {
    void serveTunnel(socket, service, signal);
  });
}

beforeAll(async () => {
  ray = await startService();
  gateway = fastify({ logger: false, forceCloseConnections: true });
  answerErrors(gateway);
  attachGateway(gateway, {
    log: silent,
    authenticate: async (token) =>
      token === "mine" || token === "supplier"
        ? { accountId, wallet: "w", scopes: [token === "mine" ? "rent" : "supply"], by: "sign-in" }
        : null,
    findCluster: async (wanted) => ({
      accountId: wanted === strangersId ? id("account") : accountId,
      state: states.get(wanted) ?? "ready",
      headNodeId: nodeId,
      rayToken: "ray-secret",
    }),
    verifyNode: async (signed) => {
      const { verifySessionRequest } = await import("@ionet/protocol");
      const nowSeconds = Math.floor(clock.now() / 1000);
      const word = await verifySessionRequest(signed, signed.headers, nowSeconds, () => sessionKey);
      return { nodeId, sessionId: word.keyId, nonce: word.nonce };
    },
    clusterOfHead: async (node: NodeId, lease) => (node === nodeId && lease === leaseId ? clusterId : null),
  });
  url = await gateway.listen({ port: 0, host: "127.0.0.1" });
  await openTunnel((ray.address() as AddressInfo).port, end.signal);
});

afterAll(async () => {
  end.abort();
  await gateway.close();
  ray.closeAllConnections();
  ray.close();
});

type Answer = { status: number; text: string; headers: IncomingMessage["headers"] };

function ask(
  path: string,
  options: { method?: string; token?: string; body?: Buffer; headers?: object } = {},
) {
  return new Promise<Answer>((resolve, reject) => {
    const { token = "mine", body } = options;
    const outgoing = request(
      new URL(path, url),
      {
        agent: false,
        method: options.method ?? "GET",
        headers: {
          ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
          ...(body ? { "content-type": "application/octet-stream" } : {}),
          ...(options.headers ?? (body ? { "content-length": body.length } : {})),
        },
      },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        answer.once("end", () => resolve({ status: answer.statusCode ?? 0, text, headers: answer.headers }));
      },
    );
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}
const codeOf = (answer: Answer) => ({ status: answer.status, code: JSON.parse(answer.text).code });
const jobs = (cluster: string = clusterId) => `/clusters/${cluster}/api/jobs/`;

describe("the gateway's door", () => {
  it("is shut without a bearer token, and cookies are none", async () => {
    expect(codeOf(await ask(jobs(), { token: "" }))).toEqual({
      status: 401,
      code: "gateway-bearer-required",
    });
    const cookie = await ask(jobs(), { token: "", headers: { cookie: "session=mine" } });
    expect(codeOf(cookie)).toEqual({ status: 401, code: "gateway-bearer-required" });
  });

  it("is shut for unknown tokens and for keys that may not rent", async () => {
    expect(codeOf(await ask(jobs(), { token: "nobody" }))).toEqual({ status: 401, code: "unauthenticated" });
    expect(codeOf(await ask(jobs(), { token: "supplier" }))).toEqual({ status: 403, code: "forbidden" });
  });

  it("does not tell another's cluster from one that does not exist", async () => {
    const strangers = await ask(jobs(strangersId));
    const nothing = await ask(jobs("clu_nothing"));
    expect(codeOf(strangers)).toEqual({ status: 404, code: "not-found" });
    expect(strangers.text.replace(strangersId, "")).toBe(nothing.text.replace("clu_nothing", ""));
  });

  it("says so when the cluster does not run, or has no tunnel", async () => {
    states.set(unreachableId, "forming");
    expect(codeOf(await ask(jobs(unreachableId)))).toEqual({ status: 409, code: "cluster-not-running" });
    states.set(unreachableId, "ready");
    expect(codeOf(await ask(jobs(unreachableId)))).toEqual({ status: 502, code: "cluster-unreachable" });
  });

  it("passes the Jobs API only", async () => {
    const refused = [
      { method: "GET", path: `/clusters/${clusterId}/metrics` },
      { method: "POST", path: `/clusters/${clusterId}/api/actors/kill` },
      { method: "PUT", path: `/clusters/${clusterId}/api/packages/gcs/%2e%2e` },
      { method: "PUT", path: `/clusters/${clusterId}/api/packages/gcs/a%2F..%2Fb` },
    ];
    for (const { method, path } of refused) {
      expect(codeOf(await ask(path, { method }))).toEqual({ status: 404, code: "not-found" });
    }
  });
});

describe("through the tunnel", () => {
  it("Ray gets the cluster's token, its own path, and nothing of who the engineer is", async () => {
    const answer = await ask(`/clusters/${clusterId}/api/jobs/?x=1%2F2`, {
      headers: {
        cookie: "a=b",
        origin: "http://evil",
        "x-ray-authorization": "Bearer other",
        te: "trailers",
      },
    });
    expect(answer.status).toBe(200);
    const last = seen.at(-1);
    expect(last?.url).toBe("/api/jobs/?x=1%2F2");
    expect(last?.headers.authorization).toBe("Bearer ray-secret");
    expect(Object.keys(last?.headers ?? {}).sort()).toEqual(["authorization", "connection", "host"]);
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect(answer.headers["x-content-type-options"]).toBe("nosniff");
  });

  it("a head's redirect ends here: no client follows it with its token", async () => {
    const answer = await ask(`/clusters/${clusterId}/api/jobs/moved`);
    expect(codeOf(answer)).toEqual({ status: 502, code: "cluster-unreachable" });
    expect(answer.headers.location).toBeUndefined();
    const upgrade = { connection: "Upgrade", upgrade: "websocket" };
    const tail = await ask(`/clusters/${clusterId}/api/jobs/moved/logs/tail`, { headers: upgrade });
    expect(codeOf(tail)).toEqual({ status: 502, code: "cluster-unreachable" });
  });

  it("a body that a method has no meaning for does not reach Ray", async () => {
    const before = seen.length;
    const body = Buffer.from("GET /api/jobs/ HTTP/1.1\r\nhost: ray\r\n\r\n");
    const path = `/clusters/${clusterId}/api/jobs/j1`;
    for (const method of ["GET", "DELETE"]) {
      for (const headers of [{ "content-length": body.length }, { "transfer-encoding": "chunked" }]) {
        const answer = await ask(path, { method, body, headers });
        expect(codeOf(answer)).toEqual({ status: 400, code: "invalid-request" });
      }
    }
    expect(seen).toHaveLength(before);
    const empty = { "content-length": "0" };
    expect((await ask(path, { method: "DELETE", headers: empty })).status).toBe(200);
  });

  it("an upload of 90 MiB arrives as it was sent", async () => {
    const body = randomBytes(90 * MIB);
    const answer = await ask(`/clusters/${clusterId}/api/packages/gcs/p.zip`, { method: "PUT", body });
    expect(JSON.parse(answer.text)).toMatchObject({
      bytes: body.length,
      sha256: createHash("sha256").update(body).digest("hex"),
    });
  });

  it("an upload over 100 MiB is refused", async () => {
    const headers = { "content-length": 100 * MIB + 1 };
    const outgoing = request(new URL(`/clusters/${clusterId}/api/packages/gcs/p.zip`, url), {
      method: "PUT",
      agent: false,
      headers: { ...headers, authorization: "Bearer mine" },
    });
    outgoing.flushHeaders();
    const status = await new Promise((resolve) =>
      outgoing.once("response", (answer) => resolve(answer.statusCode)),
    );
    outgoing.on("error", () => {});
    outgoing.destroy();
    expect(status).toBe(413);
  });

  it("an answer that comes in pieces is seen from its first piece on", async () => {
    const pieces: string[] = [];
    await new Promise<void>((resolve) => {
      const headers = { authorization: "Bearer mine" };
      request(new URL(`/clusters/${clusterId}/api/jobs/slow/logs`, url), { headers }, (answer) => {
        answer.on("data", (chunk: Buffer) => pieces.push(chunk.toString()));
        answer.once("end", () => resolve());
      }).end();
    });
    expect(pieces).toEqual(["first line\n", "last line\n"]);
  });

  it("forty requests at once each get their own answer", async () => {
    const bodies = Array.from({ length: 40 }, (_, i) => randomBytes(1000 * (i + 1)));
    const answers = await Promise.all(
      bodies.map((body, i) => ask(`/clusters/${clusterId}/api/packages/gcs/${i}`, { method: "PUT", body })),
    );
    expect(answers.map(({ text }) => JSON.parse(text).sha256)).toEqual(
      bodies.map((body) => createHash("sha256").update(body).digest("hex")),
    );
  });

  it("a WebSocket's bytes go both ways", async () => {
    const path = `/clusters/${clusterId}/api/jobs/j1/logs/tail`;
    const headers = { authorization: "Bearer mine", connection: "Upgrade", upgrade: "websocket" };
    const socket = await new Promise<Duplex>((resolve) => {
      const outgoing = request(new URL(path, url), { headers });
      outgoing.once("upgrade", (_answer, upgraded: Duplex) => resolve(upgraded));
      outgoing.end();
    });
    const sent = randomBytes(3 * MIB);
    const got: Buffer[] = [];
    const all = new Promise<void>((resolve) => {
      socket.on("data", (chunk: Buffer) => {
        got.push(chunk);
        if (got.reduce((sum, one) => sum + one.length, 0) >= sent.length) resolve();
      });
    });
    socket.write(sent);
    await all;
    socket.destroy();
    expect(Buffer.concat(got).equals(sent)).toBe(true);
  });

  it("a WebSocket without a token, or to anything but a log, is refused", async () => {
    const status = (path: string, headers: object) =>
      new Promise((resolve) => {
        const outgoing = request(new URL(path, url), {
          headers: { connection: "Upgrade", upgrade: "websocket", ...headers },
        });
        outgoing.once("response", (answer) => resolve(answer.statusCode));
        outgoing.end();
      });
    const mine = { authorization: "Bearer mine" };
    expect(await status(`/clusters/${clusterId}/api/jobs/j1/logs/tail`, {})).toBe(401);
    expect(await status(`/clusters/${clusterId}/api/jobs/`, mine)).toBe(404);
    expect(await status(`/elsewhere`, mine)).toBe(404);
  });
});

it("a tunnel that breaks is unreachable until it is dialled again", async () => {
  end.abort();
  const broken = await ask(jobs());
  expect(codeOf(broken)).toEqual({ status: 502, code: "cluster-unreachable" });
  const again = new AbortController();
  const waiting = ask(jobs());
  await openTunnel((ray.address() as AddressInfo).port, again.signal);
  expect((await waiting).status).toBe(200);
  again.abort();
});

it("a tunnel whose request another key signed is refused", async () => {
  const path = tunnelPath(leaseId);
  const headers = signSessionRequest(
    { method: "GET", path, body: new Uint8Array() },
    { sessionId: "x", key: new Uint8Array(32), sequence: 1, createdSeconds: Math.floor(clock.now() / 1000) },
  );
  const dial = dialTunnel({ url, path, headers, signal: AbortSignal.timeout(5_000) });
  await expect(dial).rejects.toThrow("401");
});
