import { randomBytes } from "node:crypto";
import { endpoints, type Observation } from "@ionet/protocol";
import { signSessionRequest } from "@ionet/protocol/node";
import fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { nodeKeyOf } from "../../../agent/identity/node-key.ts";
import { type AgentSession, openAgentSession } from "../../../agent/sync/agent-session.ts";
import { startSync } from "../../../agent/sync/sync-loop.ts";
import type { Context } from "../../platform/context.ts";
import { createMetrics } from "../../platform/http/metrics.ts";
import { createServer } from "../../platform/http/server.ts";
import { createSignals } from "../../platform/signals.ts";
import { reconcileClusters } from "../clusters/reconcile.ts";
import { stopCluster } from "../clusters/stop-cluster.ts";
import {
  openTestMarket,
  statementChain,
  type TestMarket,
  type TestNode,
  walletNamed,
  word,
} from "../escrows/testing/market.ts";
import { createSync } from "./routes.ts";

let market: TestMarket;
let ctx: Context;
let server: FastifyInstance;
let url: string;
let node: TestNode;

beforeAll(async () => {
  market = await openTestMarket();
  const signals = createSignals();
  ctx = { ...market.ctx, nodeChanged: signals.nodeChanged };
  const sync = createSync(ctx, signals.onNodeChanged);
  server = createServer({
    ctx,
    log: fastify({ logger: false }).log,
    handlers: sync.handlers,
    authenticate: async () => null,
    verifyNode: sync.verifyNode,
    metrics: createMetrics({}),
  });
  url = await server.listen({ port: 0, host: "127.0.0.1" });
});
beforeEach(async () => {
  node = await market.addNode(walletNamed("a"));
});
afterAll(async () => {
  await server.close();
  await market.close();
});

const open = (instance = "instance-1", key = node.key) =>
  openAgentSession({ url, nodeId: node.id, key: nodeKeyOf(key), instance, clock: market.clock });
const seen = (more: Partial<Observation> = {}): Observation => ({
  protocol: 1,
  agentVersion: "test",
  hardware: { gpus: [], cpus: 8, memoryMib: 1024, diskFreeMib: 1024 },
  terms: null,
  readiness: { environment: "ready", sandbox: "none", confinement: "loopback", address: "127.0.0.2" },
  leases: [],
  desiredVersion: null,
  ...more,
});
const soon = () => AbortSignal.timeout(20_000);
/** Two words tell whether the answer is held: it is not there after a moment, and it comes when it should. */
const isHeld = (answer: Promise<unknown>) =>
  Promise.race([answer.then(() => false), new Promise((resolve) => setTimeout(resolve, 300, true))]);

describe("a handshake", () => {
  it("opens a session for the node whose key signed it, and for no other key", async () => {
    const session = await open();
    expect((await session.sync(seen(), soon())).leases).toEqual([]);
    const stranger = await market.addNode(walletNamed("b"));
    await expect(open("instance-1", stranger.key)).rejects.toMatchObject({
      code: "request-signature-invalid",
    });
  });

  it("of a node that is not enrolled is refused", async () => {
    const unknown = { ...node, id: market.id("node") };
    const session = openAgentSession({
      url,
      nodeId: unknown.id,
      key: nodeKeyOf(node.key),
      instance: "instance-1",
      clock: market.clock,
    });
    await expect(session).rejects.toMatchObject({ code: "node-unknown" });
  });

  it.each([-11_000, 11_000])("of a node whose clock is %d ms off is told to set it", async (offMs) => {
    const key = nodeKeyOf(node.key);
    const clockOff = (ms: number) => ({ now: () => market.clock.now() + ms });
    const openAt = (ms: number) =>
      openAgentSession({ url, nodeId: node.id, key, instance: "instance-1", clock: clockOff(ms) });
    await expect(openAt(offMs)).rejects.toMatchObject({ code: "node-clock-off", status: 401 });
    await openAt(offMs - Math.sign(offMs) * 1000);
  });

  it("of a second agent with the same key is refused while the first is heard", async () => {
    const first = await open("instance-1");
    await expect(open("instance-2")).rejects.toMatchObject({ code: "node-already-connected" });
    market.clock.advance(14_000);
    await first.sync(seen(), soon());
    market.clock.advance(14_000);
    await expect(open("instance-2")).rejects.toMatchObject({ code: "node-already-connected" });
    market.clock.advance(1_000);
    await open("instance-2");
    await expect(first.sync(seen(), soon())).rejects.toMatchObject({ code: "session-unknown" });
  });

  it("of a second agent is taken at once when the first has taken its leave and holds no lease", async () => {
    const leaving = { ...seen().readiness, leaving: true };
    const first = await open("instance-1");
    const lease = word(market.id("lease"), "joined");
    await first.sync(seen({ readiness: leaving, leases: [lease] }), soon());
    await expect(open("instance-2")).rejects.toMatchObject({ code: "node-already-connected" });
    await first.sync(seen({ readiness: leaving, leases: [{ ...lease, phase: "ended" }] }), soon());
    const second = await open("instance-2");
    await expect(open("instance-3")).rejects.toMatchObject({ code: "node-already-connected" });
    await second.sync(seen(), soon());
  });

  it("of the same agent again takes its own place over", async () => {
    const before = await open("instance-1");
    const after = await open("instance-1");
    await expect(before.sync(seen(), soon())).rejects.toMatchObject({ code: "session-unknown" });
    await after.sync(seen(), soon());
  });

  it("in another version of the protocol is refused with words that say what to do", async () => {
    const session = await open();
    const answer = session.sync(seen({ protocol: 2 }), soon());
    await expect(answer).rejects.toMatchObject({ code: "protocol-version-unsupported", status: 426 });
  });
});

describe("a request of a session", () => {
  const post = (session: Pick<AgentSession, "sessionId">, sequence: number, key: Uint8Array) => {
    const body = JSON.stringify(seen());
    const headers = signSessionRequest(
      { method: "POST", path: endpoints.sync.path, body: Buffer.from(body) },
      {
        sessionId: session.sessionId,
        key,
        sequence,
        createdSeconds: Math.floor(market.clock.now() / 1000),
      },
    );
    return fetch(new URL(endpoints.sync.path, url), {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
    });
  };

  it("with another key than the session's is refused", async () => {
    const answer = await post(await open(), 1, new Uint8Array(32));
    expect(await answer.json()).toMatchObject({ code: "request-signature-invalid" });
  });

  it("that is sent again, byte by byte, is refused", async () => {
    const original = globalThis.fetch;
    const sent: Parameters<typeof fetch>[] = [];
    globalThis.fetch = (...request) => {
      sent.push(request);
      return original(...request);
    };
    try {
      const session = await open();
      await session.sync(seen(), soon());
    } finally {
      globalThis.fetch = original;
    }
    for (const [address, options] of sent) {
      const { signal: _signal, ...again } = options ?? {};
      const answer = await fetch(address, again);
      expect([answer.status, (await answer.json()).code]).toEqual([401, "request-replayed"]);
    }
    expect(sent.length).toBe(2);
  });

  it("of an agent whose clock is a minute off is refused", async () => {
    const session = await openAgentSession({
      url,
      nodeId: node.id,
      key: nodeKeyOf(node.key),
      instance: "instance-1",
      clock: { now: () => market.clock.now() - 61_000 },
    }).catch((error: unknown) => error);
    expect(session).toMatchObject({ code: "request-signature-invalid" });
  });
});

describe("the answer", () => {
  it("is held while nothing changes, and comes when something does", async () => {
    const session = await open();
    const first = await session.sync(seen(), soon());
    const second = session.sync(seen({ desiredVersion: first.version }), soon());
    expect(await isHeld(second)).toBe(true);
    const { leases } = await market.fundedCluster([node]);
    await reconcileClusters(ctx);
    expect((await second).leases.map(({ leaseId, role, wanted }) => [leaseId, role, wanted])).toEqual([
      [leases[0]?.leaseId, "head", "run"],
    ]);
  });

  it("to an agent that calls anew is let go", async () => {
    const session = await open();
    const { version } = await session.sync(seen(), soon());
    const held = session.sync(seen({ desiredVersion: version }), soon());
    expect(await isHeld(held)).toBe(true);
    const newer = session.sync(seen({ desiredVersion: version }), soon());
    expect((await held).version).toBe(version);
    expect(await isHeld(newer)).toBe(true);
    const newest = session.sync(seen(), soon());
    expect((await newer).version).toBe((await newest).version);
  });

  it("to statements comes at once and says which was waited for; the end of a lease takes it off the list", async () => {
    const session = await open();
    const { clusterId, leases } = await market.fundedCluster([node]);
    const lease = leases[0];
    if (lease === undefined) throw new Error("no lease");
    await reconcileClusters(ctx);
    const state = statementChain(node, lease);
    const started = await session.sync(seen(), soon());
    expect(started.leases[0]?.statementsReceived).toBe(0);
    const statements = [state(market.clock.now()), state(market.clock.now() + 10)];
    const told = await session.sync(
      seen({ desiredVersion: started.version, leases: [word(lease.leaseId, "joined", { statements })] }),
      soon(),
    );
    expect(told.leases[0]?.statementsReceived).toBe(2);

    await stopCluster(ctx, { accountId: market.accountId }, clusterId);
    const stopping = await session.sync(seen(), soon());
    expect(stopping.leases[0]).toMatchObject({ wanted: "stop", stopReason: "stopped-by-engineer" });
    const last = [state(market.clock.now() + 20)];
    const ended = word(lease.leaseId, "ended", { reason: "stopped-by-engineer", statements: last });
    expect((await session.sync(seen({ leases: [ended] }), soon())).leases).toEqual([]);
  });
});

describe("an agent's loop", () => {
  const loop = (observe: () => Observation, apply: (version: string) => void) =>
    startSync({
      open: (signal) =>
        openAgentSession({
          url,
          nodeId: node.id,
          key: nodeKeyOf(node.key),
          instance: "loop-1234",
          clock: market.clock,
          signal,
        }),
      observe,
      apply: (desired) => apply(desired.version),
      clock: market.clock,
      random: { bytes: (count) => randomBytes(count) },
      log: ctx.log,
    });
  const until = async (is: () => boolean) => {
    for (let i = 0; i < 500 && !is(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(is()).toBe(true);
  };

  it("tells a change at once, although its call is held", async () => {
    let version: string | null = null;
    const told: string[] = [];
    let agentVersion = "before";
    const sync = loop(
      () => {
        told.push(agentVersion);
        return seen({ desiredVersion: version, agentVersion });
      },
      (newest) => {
        version = newest;
      },
    );
    await until(() => told.length === 2);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(told).toEqual(["before", "before"]);
    agentVersion = "after";
    sync.changed();
    await until(() => told.length === 3);
    expect(told[2]).toBe("after");
    await sync.stop();
  });

  it("shakes hands again when the control plane has forgotten its session", async () => {
    let answers = 0;
    const sync = loop(
      () => seen(),
      () => {
        answers++;
      },
    );
    await until(() => answers > 0);
    const forgotten = sync.session()?.sessionId;
    await open("loop-1234"); // takes the place over, as a restart would empty it
    const before = answers;
    await until(() => answers > before + 2);
    expect(sync.session()?.sessionId).not.toBe(forgotten);
    await sync.stop();
  });
});

it("an answer that is held is given when the server ends", async () => {
  const session = await open();
  const { version } = await session.sync(seen(), soon());
  const held = session.sync(seen({ desiredVersion: version }), soon());
  expect(await isHeld(held)).toBe(true);
  await server.close();
  expect((await held).version).toBe(version);
});
