import { randomBytes } from "node:crypto";
import { LINK_PATH, LINK_TEST_BYTES } from "@ionet/protocol";
import fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { nodeKeyOf } from "../../../agent/identity/node-key.ts";
import { type AgentSession, openAgentSession } from "../../../agent/sync/agent-session.ts";
import { measureLink } from "../../../agent/sync/measure-link.ts";
import { createMetrics } from "../../platform/http/metrics.ts";
import { createServer } from "../../platform/http/server.ts";
import { openTestMarket, type TestMarket, walletNamed } from "../escrows/testing/market.ts";
import { attachLinkTest } from "./link-test.ts";
import { createSync } from "./routes.ts";

let market: TestMarket;
let server: FastifyInstance;
let url: string;
let session: AgentSession;
const random = { bytes: (count: number) => new Uint8Array(randomBytes(count)) };

beforeAll(async () => {
  market = await openTestMarket();
  const { ctx } = market;
  const { handlers, verifyNode } = createSync(ctx, () => () => undefined);
  server = createServer({
    ctx,
    log: fastify({ logger: false }).log,
    handlers,
    authenticate: async () => null,
    verifyNode,
    metrics: createMetrics({}),
  });
  attachLinkTest(server, { verifyNode, clock: ctx.clock, random });
  url = await server.listen({ port: 0, host: "127.0.0.1" });
});
afterAll(async () => {
  await server.close();
  await market.close();
});
beforeEach(async () => {
  const { id, key } = await market.addNode(walletNamed("a"));
  const { clock } = market;
  session = await openAgentSession({ url, nodeId: id, key: nodeKeyOf(key), instance: "instance-1", clock });
});

const measure = () => measureLink({ url, session, clock: { now: () => Date.now() }, random });
const post = (bytes: number, headers = session.sign("POST", LINK_PATH)) =>
  fetch(url + LINK_PATH, {
    method: "POST",
    headers: { ...headers, "content-type": "application/octet-stream" },
    body: new Uint8Array(bytes),
  });
const codeOf = async (answer: Response) => [answer.status, Object(await answer.json()).code];

test("an agent measures both ways, and says that it is the same machine", async () => {
  const link = await measure();
  expect(link.upMbps).toBeGreaterThan(0);
  expect(link.downMbps).toBeGreaterThan(0);
  expect(link.loopback).toBe(true);
});

test("each way carries eight mebibytes at most", async () => {
  const down = await fetch(url + LINK_PATH, { headers: session.sign("GET", LINK_PATH) });
  expect((await down.arrayBuffer()).byteLength).toBe(LINK_TEST_BYTES);
  expect(await (await post(LINK_TEST_BYTES)).json()).toEqual({ bytes: LINK_TEST_BYTES });
  market.clock.advance(30 * 60_000);
  expect(await codeOf(await post(LINK_TEST_BYTES + 1))).toEqual([413, "body-too-large"]);
});

test("a node measures once in half an hour", async () => {
  await measure();
  await expect(measure()).rejects.toThrow(/status 429/);
  market.clock.advance(30 * 60_000);
  await measure();
});

test("nobody but a node's session is let in, and before a body is read", async () => {
  expect((await fetch(url + LINK_PATH)).status).toBe(401);
  const forged = { ...session.sign("POST", LINK_PATH), signature: "sig=:AAAA:" };
  expect((await post(10, forged)).status).toBe(401);
  expect((await post(10, session.sign("GET", LINK_PATH))).status).toBe(401);
});
