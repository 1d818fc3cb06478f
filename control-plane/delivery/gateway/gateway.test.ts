import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { type ClusterState, type EndReason, makeId, type NodeId } from "@ionet/protocol";
import { signSessionRequest, verifySessionRequest } from "@ionet/protocol/node";
import fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { dialTunnel, tunnelPath } from "../../../agent/tunnel/dial-tunnel.ts";
import { serveTunnel } from "../../../agent/tunnel/serve-tunnel.ts";
import { answerErrors } from "../../platform/http/answer-errors.ts";
import { attachGateway } from "./attach-gateway.ts";

const id = <Kind extends Parameters<typeof makeId>[0]>(kind: Kind) => makeId(kind, randomBytes(20));
const silent = { info: () => {}, warn: () => {}, error: () => {} };
const clock = { now: () => Date.now() };
const MIB = 1024 * 1024;
const IDLE_MS = 400;

const [clusterId, strangersId, unreachableId] = [id("cluster"), id("cluster"), id("cluster")];
const [nodeId, leaseId, accountId] = [id("node"), id("lease"), id("account")];
const states = new Map<string, ClusterState>([[clusterId, "ready"]]);
const reasons = new Map<string, EndReason>();
const sessionKey = new Uint8Array(32).fill(9);

let gateway: FastifyInstance;
let ray: Server;
let url: string;
const end = new AbortController();
/** What the service behind the tunnel saw. */
const seen: IncomingMessage[] = [];

/** Jobs of the service: their output is what a file of Ray's would hold. */
type FakeJob = { status: string; output: Buffer };
const jobs = new Map<string, FakeJob>();
const NODE = "10.7.0.9";

/** A file as Ray's nodes serve them (aiohttp): parts from a byte on, 416 where there are no more. */
function serveRange(
  incoming: IncomingMessage,
  answer: ServerResponse,
  output: Uint8Array = Buffer.alloc(0),
): void {
  const from = /^bytes=(\d+)-$/.exec(incoming.headers.range ?? "")?.[1];
  if (from !== undefined && Number(from) >= output.length) answer.writeHead(416).end();
  else answer.writeHead(from === undefined ? 200 : 206).end(output.subarray(Number(from ?? 0)));
}

/** Any TCP service: here one that answers what it got, in digests. */
function startService(): Promise<Server> {
  const server = createServer((incoming, answer) => {
    seen.push(incoming);
    if (incoming.url === "/api/v0/slow") {
      answer.write("first line\n");
      setTimeout(() => answer.end("last line\n"), 300);
      return;
    }
    const job = /^\/api\/jobs\/(\w+)$/.exec(incoming.url ?? "")?.[1];
    if (incoming.method === "GET" && job && jobs.has(job)) {
      answer.end(
        JSON.stringify({
          submission_id: job,
          ...jobs.get(job),
          driver_agent_http_address: `http://${NODE}:1`,
        }),
      );
      return;
    }
    if (incoming.method === "GET" && job === "nosuch") {
      answer.writeHead(404, { "content-type": "text/plain" }).end("Job nosuch does not exist");
      return;
    }
    const log = /^\/logs\/job-driver-(\w+)\.log$/.exec(incoming.url ?? "")?.[1];
    if (log) {
      serveRange(incoming, answer, jobs.get(log)?.output);
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
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

function openTunnel(port: number, signal: AbortSignal): Promise<void> {
  const path = tunnelPath(leaseId);
  const headers = signSessionRequest(
    { method: "GET", path, body: new Uint8Array() },
    { sessionId: "x", key: sessionKey, sequence: 1, createdSeconds: Math.floor(clock.now() / 1000) },
  );
  const service = {
    dashboard: async () => connect(port, "127.0.0.1"),
    nodeHttp: (address: string) =>
      address === NODE ? service.dashboard() : Promise.reject(new Error("there is no such node")),
  };
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
    uploadIdleMs: IDLE_MS,
    authenticate: async (token) =>
      token === "mine" || token === "supplier"
        ? { accountId, wallet: "w", scopes: [token === "mine" ? "rent" : "supply"], by: "sign-in" }
        : null,
    findCluster: async (wanted) => ({
      accountId: wanted === strangersId ? id("account") : accountId,
      state: states.get(wanted) ?? "ready",
      reason: reasons.get(wanted) ?? null,
      headNodeId: nodeId,
      rayToken: "ray-secret",
    }),
    verifyNode: async (signed) => {
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
const jobsOf = (cluster: string = clusterId) => `/clusters/${cluster}/api/jobs/`;

describe("the gateway's door", () => {
  it("is shut without a bearer token, and cookies are none", async () => {
    expect(codeOf(await ask(jobsOf(), { token: "" }))).toEqual({
      status: 401,
      code: "gateway-bearer-required",
    });
    const cookie = await ask(jobsOf(), { token: "", headers: { cookie: "session=mine" } });
    expect(codeOf(cookie)).toEqual({ status: 401, code: "gateway-bearer-required" });
  });

  it("is shut for unknown tokens and for keys that may not rent", async () => {
    expect(codeOf(await ask(jobsOf(), { token: "nobody" }))).toEqual({
      status: 401,
      code: "unauthenticated",
    });
    expect(codeOf(await ask(jobsOf(), { token: "supplier" }))).toEqual({ status: 403, code: "forbidden" });
  });

  it("does not tell another's cluster from one that does not exist", async () => {
    const strangers = await ask(jobsOf(strangersId));
    const nothing = await ask(jobsOf("clu_nothing"));
    expect(codeOf(strangers)).toEqual({ status: 404, code: "not-found" });
    expect(strangers.text.replace(strangersId, "")).toBe(nothing.text.replace("clu_nothing", ""));
  });

  it("says so when the cluster does not run, or has no tunnel", async () => {
    states.set(unreachableId, "forming");
    expect(codeOf(await ask(jobsOf(unreachableId)))).toEqual({ status: 409, code: "cluster-not-running" });
    states.set(unreachableId, "ready");
    expect(codeOf(await ask(jobsOf(unreachableId)))).toEqual({ status: 502, code: "cluster-unreachable" });
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
    const logs = await ask(`/clusters/${clusterId}/api/jobs/moved/logs`);
    expect(codeOf(logs)).toEqual({ status: 502, code: "cluster-unreachable" });
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
      request(new URL(`/clusters/${clusterId}/api/v0/slow`, url), { headers }, (answer) => {
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

describe("a job's log", () => {
  const path = (job: string, query = "") => `/clusters/${clusterId}/api/jobs/${job}/logs${query}`;
  const plain = { accept: "text/plain" };

  it("with bytes that are no UTF-8 is answered as Ray would, with the bytes replaced", async () => {
    jobs.set("raw", {
      status: "SUCCEEDED",
      output: Buffer.from([0x61, 0xff, 0x22, 0x0a, 0xc3, 0xa9, 0xe2, 0x82]),
    });
    const answer = await ask(path("raw"));
    expect([answer.status, JSON.parse(answer.text)]).toEqual([200, { logs: 'a\ufffd"\né\ufffd' }]);
  });

  it("is read from any byte on, and what lies beyond its end is nothing", async () => {
    jobs.set("part", { status: "RUNNING", output: Buffer.from("0123456789") });
    expect((await ask(path("part", "?from=4"), { headers: plain })).text).toBe("456789");
    expect((await ask(path("part", "?from=10"), { headers: plain })).text).toBe("");
    expect(codeOf(await ask(path("part", "?from=-1"), { headers: plain }))).toMatchObject({ status: 400 });
  });

  it("is followed until the job has ended, what it printed last included", async () => {
    const job: FakeJob = { status: "RUNNING", output: Buffer.from("first\n") };
    jobs.set("growing", job);
    const whole = ask(path("growing", "?from=2&follow=true"), { headers: plain });
    setTimeout(() => {
      job.output = Buffer.from("first\nlast\n");
      job.status = "SUCCEEDED";
    }, 300);
    expect((await whole).text).toBe("rst\nlast\n");
  });

  it("of a job that is not there is refused in Ray's words", async () => {
    const answer = await ask(path("nosuch"));
    expect([answer.status, answer.text]).toEqual([404, "Job nosuch does not exist"]);
  });

  const follow = (job: string, onPiece = () => {}) =>
    new Promise<{ text: string; code: number }>((resolve) => {
      const socket = new WebSocket(new URL(`${path(job)}/tail`, url), {
        headers: { authorization: "Bearer mine" },
      });
      let text = "";
      socket.on("message", (piece) => {
        text += piece;
        onPiece();
      });
      socket.on("close", (code) => resolve({ text, code }));
    });

  it("by Ray's WebSocket comes as text to its end, whatever its bytes are", async () => {
    const job: FakeJob = { status: "RUNNING", output: Buffer.from([0x61, 0xff, 0x0a, 0xc3]) };
    jobs.set("tailed", job);
    const followed = follow("tailed");
    setTimeout(() => {
      job.output = Buffer.from([0x61, 0xff, 0x0a, 0xc3, 0xa9]);
      job.status = "FAILED";
    }, 300);
    expect(await followed).toEqual({ text: "a\ufffd\né", code: 1000 });
  });

  it("by Ray's WebSocket outlives a tunnel that is dialled again", async () => {
    const job: FakeJob = { status: "RUNNING", output: Buffer.from("before\n") };
    jobs.set("dialled", job);
    const started = Promise.withResolvers<void>();
    const followed = follow("dialled", started.resolve);
    await started.promise;
    await openTunnel((ray.address() as AddressInfo).port, end.signal); // the older one ends
    job.output = Buffer.from("before\nafter\n");
    job.status = "SUCCEEDED";
    expect(await followed).toEqual({ text: "before\nafter\n", code: 1000 });
  });
});

describe("a submission", () => {
  const submit = (body: Buffer | string, headers: object = {}) =>
    ask(jobsOf(), {
      method: "POST",
      body: Buffer.from(body),
      headers: { "transfer-encoding": "chunked", ...headers },
    });

  it.each(["..", "team/run1", "a b", "é", "", "x".repeat(300), 5, ["a"], "01000000"])(
    "named %j is refused, whoever sends it, and Ray does not see it",
    async (id) => {
      const before = seen.length;
      for (const named of [{ submission_id: id }, { submission_id: null, job_id: id }]) {
        const answer = await submit(JSON.stringify({ entrypoint: "echo", ...named }));
        expect(JSON.parse(answer.text)).toMatchObject({ code: "invalid-request", field: "submission_id" });
      }
      expect(seen).toHaveLength(before);
    },
  );

  it("that two readers might take for two things is refused", async () => {
    for (const body of [
      Buffer.from('{"submission_id":".."}', "utf16le"),
      Buffer.from([0x7b, 0xff, 0x7d]),
      "[]",
      "no",
    ]) {
      expect(codeOf(await submit(body))).toEqual({ status: 400, code: "invalid-request" });
    }
  });

  it("well named reaches Ray as it was sent, as UTF-8", async () => {
    const body = JSON.stringify({
      entrypoint: "echo é",
      submission_id: "run-1",
      big: "12345678901234567890",
    });
    const answer = await submit(body, { "content-type": "application/json; charset=utf-16" });
    expect(JSON.parse(answer.text)).toMatchObject({
      sha256: createHash("sha256").update(body).digest("hex"),
    });
    expect(seen.at(-1)?.headers["content-type"]).toBe("application/json");
  });
});

it("an upload lives as long as bytes come, and no longer than a pause without any", async () => {
  const send = (pauses: number[]) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const outgoing = request(new URL(`/clusters/${clusterId}/api/packages/gcs/p.zip`, url), {
        method: "PUT",
        agent: false,
        headers: { authorization: "Bearer mine", "content-length": pauses.length },
      });
      outgoing.on("error", reject);
      outgoing.once("response", async (answer) => {
        let text = "";
        for await (const chunk of answer.setEncoding("utf8")) text += chunk;
        resolve({ status: answer.statusCode ?? 0, text });
      });
      void (async () => {
        for (const pauseMs of pauses) {
          outgoing.write("x");
          await new Promise((done) => setTimeout(done, pauseMs));
        }
        outgoing.end();
      })();
    });
  // Longer in all than the longest pause that is allowed.
  expect(JSON.parse((await send(Array.from({ length: 8 }, () => IDLE_MS / 4))).text)).toMatchObject({
    bytes: 8,
  });
  expect(codeOf({ headers: {}, ...(await send([3 * IDLE_MS, 0])) })).toEqual({
    status: 400,
    code: "invalid-request",
  });
});

it("a cluster whose budget is spent says that its jobs ended with it", async () => {
  states.set(unreachableId, "stopping");
  reasons.set(unreachableId, "budget-spent");
  const answer = await ask(jobsOf(unreachableId));
  expect(JSON.parse(answer.text)).toMatchObject({
    code: "cluster-not-running",
    detail: "the budget is spent, and the cluster's jobs ended with it",
  });
});

it("a tunnel that breaks is unreachable until it is dialled again", async () => {
  end.abort();
  const broken = await ask(jobsOf());
  expect(codeOf(broken)).toEqual({ status: 502, code: "cluster-unreachable" });
  const again = new AbortController();
  const waiting = ask(jobsOf());
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
