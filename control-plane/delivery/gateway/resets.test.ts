import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { makeId } from "@ionet/protocol";
import { signSessionRequest, verifySessionRequest } from "@ionet/protocol/node";
import fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dialTunnel, tunnelPath } from "../../../agent/tunnel/dial-tunnel.ts";
import { serveTunnel } from "../../../agent/tunnel/serve-tunnel.ts";
import { answerErrors } from "../../platform/http/answer-errors.ts";
import { attachGateway } from "./attach-gateway.ts";

/*
 * A peer that resets its connection (RST, as the kernel sends when a process dies with unread bytes) makes `read ECONNRESET`
 * on this side, which ends a process where nobody listens for it. vitest fails a run with any such error; each test
 * resets one connection at one moment, and then asks whether the gateway still answers.
 */

const id = <Kind extends Parameters<typeof makeId>[0]>(kind: Kind) => makeId(kind, randomBytes(20));
const [clusterId, nodeId, leaseId, accountId] = [id("cluster"), id("node"), id("lease"), id("account")];
const key = new Uint8Array(32).fill(9);
const seconds = () => Math.floor(Date.now() / 1000);
const ANSWER = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n";

/** What Ray's dashboard does with a connection; each test may say. */
let rayDoes: (connection: Socket, heard: string) => void;
const honest = (connection: Socket) => void connection.end(`${ANSWER}good`);

let gateway: FastifyInstance;
let url: URL;
let sequence = 1;
const ray = createServer((connection) => {
  connection.on("error", () => {});
  if (rayDoes === onAccept) onAccept(connection);
  connection.once("data", (bytes) => rayDoes(connection, String(bytes)));
});
const onAccept = (connection: Socket) => void connection.resetAndDestroy();

/** A new tunnel, and its socket on the agent's side. */
async function dial(to = url.origin): Promise<Duplex> {
  const path = tunnelPath(leaseId);
  const by = { sessionId: "x", key, sequence: sequence++, createdSeconds: seconds() };
  const headers = signSessionRequest({ method: "GET", path, body: new Uint8Array() }, by);
  const socket = await dialTunnel({ url: to, path, headers, signal: new AbortController().signal });
  const dashboard = async () => connect((ray.address() as AddressInfo).port, "127.0.0.1");
  void serveTunnel(socket, { dashboard, nodeHttp: dashboard }, new AbortController().signal);
  return socket;
}

beforeAll(async () => {
  await once(ray.listen(0, "127.0.0.1"), "listening");
  gateway = fastify({ logger: false, forceCloseConnections: true });
  answerErrors(gateway);
  attachGateway(gateway, {
    log: { info: () => {}, warn: () => {}, error: () => {} },
    authenticate: async () => ({ accountId, wallet: "w", scopes: ["rent"], by: "sign-in" }),
    findCluster: async () => ({
      ...{ accountId, state: "ready", reason: null, headNodeId: nodeId, rayToken: "secret" },
    }),
    verifyNode: async (signed) => {
      const { keyId, nonce } = await verifySessionRequest(signed, signed.headers, seconds(), () => key);
      return { nodeId, sessionId: keyId, nonce };
    },
    clusterOfHead: async () => clusterId,
  });
  url = new URL(await gateway.listen({ port: 0, host: "127.0.0.1" }));
});
afterAll(async () => {
  await gateway.close();
  ray.close();
});

const head = (method: string, path: string, more = "") =>
  `${method} /clusters/${clusterId}${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer mine\r\n${more}\r\n`;

/** An engineer's own connection to the gateway. */
async function engineer(): Promise<Socket> {
  const socket = connect(Number(url.port), "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}
const gone = (socket: Duplex) =>
  socket.closed ? undefined : new Promise<void>((resolve) => socket.once("close", () => resolve()));
const moment = () => new Promise((resolve) => setTimeout(resolve, 50));

async function expectGatewayAnswers(): Promise<void> {
  rayDoes = honest;
  await dial();
  const answer = await fetch(new URL(`/clusters/${clusterId}/api/version`, url), {
    headers: { authorization: "Bearer mine" },
  });
  expect([answer.status, await answer.text()]).toEqual([200, "good"]);
}

const UPLOAD = head("PUT", "/api/packages/gcs/_ray_pkg_1.zip", "content-length: 100000\r\n");
const UPGRADE = "connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n";

describe("the engineer's end is reset", () => {
  test.each([
    { when: "in the middle of a request's head", sends: head("GET", "/api/version").slice(0, 30) },
    { when: "before the answer", sends: head("GET", "/api/version") },
    { when: "in the middle of an upload", sends: `${UPLOAD}half` },
    {
      when: "while a log's WebSocket is opened",
      sends: head(
        "GET",
        "/api/jobs/a/logs/tail",
        `${UPGRADE}sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n`,
      ),
    },
    { when: "while an upgrade is refused", sends: head("GET", "/api/version", UPGRADE) },
  ])("$when", async ({ sends }) => {
    rayDoes = () => {};
    await dial();
    const socket = await engineer();
    socket.write(sends);
    await moment();
    socket.resetAndDestroy();
    await moment();
    await expectGatewayAnswers();
  });
});

describe("Ray's end is reset", () => {
  test.each<{ when: string; does: typeof rayDoes; sends: string }>([
    { when: "at once", does: onAccept, sends: head("GET", "/api/version") },
    { when: "after the request", does: onAccept.bind(null), sends: head("GET", "/api/version") },
    {
      when: "in the middle of the answer",
      does: (connection) => void connection.write(`${ANSWER}go`, () => connection.resetAndDestroy()),
      sends: head("GET", "/api/version"),
    },
    { when: "in the middle of an upload", does: onAccept.bind(null), sends: `${UPLOAD}half` },
    { when: "while a log is asked for", does: onAccept.bind(null), sends: head("GET", "/api/jobs/a/logs") },
  ])("$when", async ({ does, sends }) => {
    rayDoes = does;
    await dial();
    const socket = await engineer();
    socket.resume();
    socket.write(sends);
    await moment();
    socket.destroy();
    await expectGatewayAnswers();
  });
});

describe("the tunnel is reset", () => {
  const reset = (socket: Duplex) => {
    if ("resetAndDestroy" in socket && typeof socket.resetAndDestroy === "function") socket.resetAndDestroy();
  };

  test.each([
    { when: "as soon as it is open", sends: "" },
    { when: "while Ray is asked", sends: UPLOAD },
  ])("by the agent, $when", async ({ sends }) => {
    rayDoes = () => {};
    const tunnel = await dial();
    const socket = await engineer();
    socket.write(sends);
    if (sends !== "") await moment();
    reset(tunnel);
    await gone(tunnel);
    socket.destroy();
    await expectGatewayAnswers();
  });

  test.each([{ waitMs: 0 }, { waitMs: 50 }])(
    "by the gateway, $waitMs ms after it took it",
    async ({ waitMs }) => {
      const taker = createServer((socket) => {
        socket.on("error", () => {});
        socket.once("data", () => {
          socket.write(
            "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: ionet-tunnel\r\n\r\n",
          );
          setTimeout(() => socket.resetAndDestroy(), waitMs);
        });
      });
      await once(taker.listen(0, "127.0.0.1"), "listening");
      const tunnel = await dial(`http://127.0.0.1:${(taker.address() as AddressInfo).port}`).catch(
        () => null,
      );
      if (tunnel !== null) await gone(tunnel);
      taker.close();
    },
  );
});
