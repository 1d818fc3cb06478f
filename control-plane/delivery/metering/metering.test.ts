import { generateKeyPairSync } from "node:crypto";
import type { LeaseId, ObservedLease, Statement } from "@ionet/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { endLease } from "../clusters/change.ts";
import { desiredLeases } from "../clusters/desired-leases.ts";
import type { ClusterWithLeases } from "../clusters/model.ts";
import { observeLeases } from "../clusters/observe-leases.ts";
import { reconcileClusters } from "../clusters/reconcile.ts";
import { stopCluster, stopContradicted } from "../clusters/stop-cluster.ts";
import { findCluster } from "../clusters/store.ts";
import { escrowsOf } from "../escrows/store.ts";
import {
  openTestMarket,
  statementChain,
  type TestMarket,
  type TestNode,
  walletNamed,
  word,
} from "../escrows/testing/market.ts";
import { contradictedLeases, countCluster, sealedLeases } from "./count-cluster.ts";
import { nextSequence, observeStatements } from "./observe-statements.ts";
import { minimumSecondsOf } from "./sign-reading.ts";

let market: TestMarket;
let head: TestNode;
let worker: TestNode;
let cluster: Awaited<ReturnType<TestMarket["fundedCluster"]>>;
let headLease: LeaseId;
let workerLease: LeaseId;
let headSays: (atMs: number, change?: Partial<Statement>) => Statement;
let workerSays: (atMs: number, change?: Partial<Statement>) => Statement;

beforeEach(async () => {
  market = await openTestMarket();
  head = await market.addNode(walletNamed("head"));
  worker = await market.addNode(walletNamed("worker"));
  cluster = await market.fundedCluster([head, worker], { maxSeconds: 200 });
  await reconcileClusters(market.ctx);
  const [first, second] = cluster.leases;
  if (first === undefined || second === undefined) throw new Error("a cluster of two has two leases");
  [headLease, workerLease] = [first.leaseId, second.leaseId];
  headSays = statementChain(head, first);
  workerSays = statementChain(worker, second);
  await observeLeases(market.ctx, head.id, [word(headLease, "joined")]);
  await observeLeases(market.ctx, worker.id, [word(workerLease, "joined")]);
  await reconcileClusters(market.ctx);
});
afterEach(() => market.close());

const tell = (node: TestNode, leaseId: LeaseId, statements: Statement[], more: Partial<ObservedLease> = {}) =>
  observeStatements(market.ctx, node.id, [{ ...word(leaseId, "joined", { statements }), ...more }]);

const minimumOf = async ({ cluster: { id } }: ClusterWithLeases) =>
  minimumSecondsOf(await escrowsOf(market.ctx, id));

async function count(everything = false): Promise<number[]> {
  const before = await findCluster(market.ctx, cluster.clusterId);
  if (before === null) throw new Error("the cluster is gone");
  await countCluster(market.ctx, before, { minimumSeconds: await minimumOf(before), everything });
  const after = await findCluster(market.ctx, cluster.clusterId);
  return after?.leases.map((lease) => lease.billedSeconds) ?? [];
}
const delivered = async () =>
  (await findCluster(market.ctx, cluster.clusterId))?.leases.map((lease) => lease.deliveredSeconds);

const waitedFor = async () => (await nextSequence(market.ctx, [workerLease])).get(workerLease);
/** A statement's time, seconds after the start; the clock goes there too. */
function at(seconds: number): number {
  const atMs = startMs + seconds * 1000;
  market.clock.advance(Math.max(0, atMs - market.clock.now()));
  return atMs;
}
const startMs = 1_800_000_000_000;

test("two chains that agree are counted to the second, and counting again adds nothing", async () => {
  for (let second = 0; second <= 70; second += 10) {
    await tell(worker, workerLease, [workerSays(at(second))]);
    await tell(head, headLease, [headSays(at(second) + 1, { peersAlive: [headLease, workerLease] })]);
    await count();
  }
  expect(await count()).toEqual([70, 70]);
  expect(await count(true)).toEqual([70, 70]);
});

test("a worker that the head stops seeing is not paid from then on; the head is", async () => {
  for (let second = 0; second <= 100; second += 10) {
    const seen = second <= 80 ? [headLease, workerLease] : [headLease];
    await tell(worker, workerLease, [workerSays(at(second))]);
    await tell(head, headLease, [headSays(at(second), { peersAlive: seen })]);
  }
  expect(await count(true)).toEqual([100, 80]);
});

test("what was sent twice is counted once", async () => {
  const statements = [0, 10, 20, 30, 40, 50, 60, 70].map((second) => workerSays(at(second)));
  await tell(worker, workerLease, statements);
  await tell(worker, workerLease, statements);
  await tell(worker, workerLease, statements.slice(3));
  expect(await waitedFor()).toBe(8);
  expect(await count(true)).toEqual([60, 70]);
});

test("a lease that joined is billed a minute, and never above its budget", async () => {
  await tell(worker, workerLease, [workerSays(at(0)), workerSays(at(5))]);
  expect(await count(true)).toEqual([60, 60]);
  expect(await delivered()).toEqual([0, 5]);
  for (let second = 10; second <= 300; second += 10)
    await tell(worker, workerLease, [workerSays(at(second))]);
  expect(await count(true)).toEqual([60, 200]);
});

test("nothing is billed after the engineer stopped, whatever the agent says later", async () => {
  for (let second = 0; second <= 70; second += 10) await tell(worker, workerLease, [workerSays(at(second))]);
  at(74);
  await stopCluster(market.ctx, market, cluster.clusterId);
  await tell(worker, workerLease, [workerSays(at(80)), workerSays(at(90))]);
  expect(await count(true)).toEqual([60, 74]);
});

type Forge = (good: Statement) => Statement;
const forged: [what: string, forge: Forge][] = [
  ["with a changed time", (good) => ({ ...good, atMs: good.atMs + 1 })],
  ["with other GPUs", (good) => ({ ...good, gpus: [0, 1] })],
  ["that skips one", (good) => ({ ...good, sequence: good.sequence + 1 })],
  ["of another chain", (good) => ({ ...good, previous: "0".repeat(64) })],
  ["with a broken signature", (good) => ({ ...good, signature: Buffer.alloc(64).toString("base64") })],
  ["of another lease", (good) => ({ ...good, leaseId: headLease })],
];

test.each(forged)(
  "a statement %s is refused, and the right one is still waited for",
  async (_what, forge) => {
    await tell(worker, workerLease, [workerSays(at(0))]);
    const good = workerSays(at(10));
    await tell(worker, workerLease, [forge(good)]);
    expect(await waitedFor()).toBe(1);
    await tell(worker, workerLease, [good]);
    expect(await waitedFor()).toBe(2);
  },
);

test("statements of the future, of before the lease and of a clock turned back are refused", async () => {
  await tell(worker, workerLease, [workerSays(startMs + 10_001)]);
  expect(await waitedFor()).toBe(0);
  workerSays = statementChain(worker, { leaseId: workerLease, gpus: [0] });
  await tell(worker, workerLease, [workerSays(startMs - 10_001)]);
  expect(await waitedFor()).toBe(0);
  workerSays = statementChain(worker, { leaseId: workerLease, gpus: [0] });
  await tell(worker, workerLease, [workerSays(at(10)), workerSays(startMs + 9_999)]);
  expect(await waitedFor()).toBe(1);
});

test("an agent that comes back after its lease was lost earns nothing after the lease's end", async () => {
  for (let second = 0; second <= 70; second += 10) await tell(worker, workerLease, [workerSays(at(second))]);
  at(77);
  const found = await findCluster(market.ctx, cluster.clusterId);
  const lease = found?.leases[1];
  if (lease === undefined) throw new Error("the worker's lease is gone");
  await endLease(
    market.ctx.db,
    lease,
    { reason: "agent-lost", detail: null, acknowledged: false },
    market.clock.now(),
  );
  // Said before the end and heard of after it; said after it, a little and much.
  await tell(worker, workerLease, [workerSays(startMs + 76_000)]);
  await tell(worker, workerLease, [workerSays(at(85))]);
  const late = [95, 105].map((second) => workerSays(at(second)));
  await tell(worker, workerLease, late);
  expect(await waitedFor()).toBe(10);
  expect(await count(true)).toEqual([60, 77]);
  await tell(worker, workerLease, late, { phase: "ended" });
  expect(await sealedLeases(market.ctx.db, [workerLease])).toEqual(new Set([workerLease]));
});

test("nothing is counted from before the lease joined", async () => {
  worker = await market.addNode(walletNamed("late"));
  head = await market.addNode(walletNamed("its head"));
  cluster = await market.fundedCluster([head, worker], { maxSeconds: 200 });
  await reconcileClusters(market.ctx);
  const [first, second] = cluster.leases;
  if (first === undefined || second === undefined) throw new Error("a cluster of two has two leases");
  workerSays = statementChain(worker, second);
  await observeLeases(market.ctx, head.id, [word(first.leaseId, "joined")]);
  const early = [0, 10, 20, 30, 40, 50, 60, 70, 80].map((each) => workerSays(startMs + each * 1000));
  at(80);
  await observeLeases(market.ctx, worker.id, [word(second.leaseId, "joined")]);
  await tell(worker, second.leaseId, early);
  // Ten seconds before it joined: as much as its clock may be off.
  expect(await count(true)).toEqual([0, 10]);
});

test("who only says that it joined is not billed the minimum until the head has seen it or the cluster is ready", async () => {
  const otherHead = await market.addNode(walletNamed("other head"));
  const otherWorker = await market.addNode(walletNamed("other worker"));
  const other = await market.fundedCluster([otherHead, otherWorker], { maxSeconds: 200 });
  await reconcileClusters(market.ctx);
  const found = async () => {
    const now = await findCluster(market.ctx, other.clusterId);
    if (now === null) throw new Error("the cluster is gone");
    return now;
  };
  const seconds = async () => {
    const counted = await found();
    await countCluster(market.ctx, counted, { minimumSeconds: await minimumOf(counted), everything: true });
    const { leases } = await found();
    expect(leases.map((lease) => lease.deliveredSeconds)).toEqual([0, 0]);
    return leases.map((lease) => lease.billedSeconds);
  };
  const [first, second] = (await found()).leases;
  if (first === undefined || second === undefined) throw new Error("a cluster of two has two leases");
  await observeLeases(market.ctx, first.nodeId, [word(first.id, "joined")]);
  await observeLeases(market.ctx, second.nodeId, [word(second.id, "joined")]);
  expect(await seconds()).toEqual([0, 0]);
  const says = statementChain(otherHead, { leaseId: first.id, gpus: [0] });
  await tell(otherHead, first.id, [says(at(1), { peersAlive: [first.id, second.id] })]);
  expect(await seconds()).toEqual([0, 60]);
  await reconcileClusters(market.ctx);
  expect(await seconds()).toEqual([60, 60]);
});

test("a worker that the head lacks for 30 s is asked to stop, and the cluster is degraded", async () => {
  const found = async () => findCluster(market.ctx, cluster.clusterId);
  const asked = async () => (await desiredLeases(market.ctx, worker.id)).map((lease) => lease.stopReason);
  const round = async () => {
    const now = await found();
    if (now === null) throw new Error("the cluster is gone");
    await stopContradicted(market.ctx, cluster.clusterId, await contradictedLeases(market.ctx.db, now));
  };
  for (let second = 0; second <= 40; second += 10) {
    const seen = second === 0 ? [headLease, workerLease] : [headLease];
    await tell(worker, workerLease, [workerSays(at(second))]);
    await tell(head, headLease, [headSays(at(second), { peersAlive: seen })]);
    await round();
    expect(await asked()).toEqual([second === 40 ? "head-contradicts" : null]);
  }
  await observeLeases(market.ctx, worker.id, [word(workerLease, "ended", { reason: "stopped-by-engineer" })]);
  await reconcileClusters(market.ctx);
  expect((await found())?.cluster).toMatchObject({ state: "degraded", reason: "head-contradicts" });
});

test("another node, or another key, can't speak for a lease", async () => {
  const thief = { ...worker, key: generateKeyPairSync("ed25519").privateKey };
  const forgedSays = statementChain(thief, { leaseId: workerLease, gpus: [0] });
  await tell(worker, workerLease, [forgedSays(at(0))]);
  await tell(head, workerLease, [workerSays(at(0))]);
  expect(await waitedFor()).toBe(0);
});

test("a lease's meter is sealed when its agent has said that it ended, with its last statements", async () => {
  await tell(worker, workerLease, [workerSays(at(0))]);
  expect(await sealedLeases(market.ctx.db, [workerLease])).toEqual(new Set());
  await tell(worker, workerLease, [workerSays(at(7))], { phase: "ended" });
  expect(await sealedLeases(market.ctx.db, [workerLease])).toEqual(new Set([workerLease]));
  expect(await waitedFor()).toBe(2);
});
