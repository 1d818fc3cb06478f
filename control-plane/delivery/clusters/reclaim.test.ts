import type { ClusterId, LeaseId } from "@ionet/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  openTestMarket,
  type TestMarket,
  type TestNode,
  walletNamed,
  word,
} from "../escrows/testing/market.ts";
import { desiredLeases } from "./desired-leases.ts";
import { RECLAIM_NOTICE_MS } from "./model.ts";
import { observeLeases } from "./observe-leases.ts";
import { listLeases, reclaimLease } from "./reclaim.ts";
import { reconcileClusters } from "./reconcile.ts";
import { eventsOf, findCluster } from "./store.ts";

let market: TestMarket;
let nodes: TestNode[];
let clusterId: ClusterId;
let leaseIds: LeaseId[];
const page = { limit: 50 };

beforeEach(async () => {
  market = await openTestMarket();
  nodes = [await market.addNode(walletNamed("head")), await market.addNode(walletNamed("worker"))];
});
afterEach(() => market.close());

async function runCluster(interruptible: boolean) {
  const cluster = await market.fundedCluster(nodes, { maxSeconds: 3600, interruptible });
  clusterId = cluster.clusterId;
  leaseIds = cluster.leases.map((lease) => lease.leaseId);
  await reconcileClusters(market.ctx);
  await join();
  await reconcileClusters(market.ctx);
}
async function join() {
  for (const [i, node] of nodes.entries()) {
    await observeLeases(market.ctx, node.id, [word(idAt(i), "joined")]);
  }
}
const idAt = (index: number): LeaseId => {
  const id = leaseIds[index];
  if (id === undefined) throw new Error("a node of the cluster has a lease");
  return id;
};
const reclaim = (index: number) => reclaimLease(market.ctx, market, idAt(index));
const seen = async () => {
  const found = await findCluster(market.ctx, clusterId);
  return { state: found?.cluster.state, reason: found?.cluster.reason, leases: found?.leases ?? [] };
};
/** Every agent is heard, in steps in which none is taken for lost. */
async function pass(ms: number) {
  for (let left = ms; left > 0; left -= 10_000) {
    market.clock.advance(Math.min(left, 10_000));
    for (const node of nodes) await market.hear(node);
    await reconcileClusters(market.ctx);
  }
}

test("a reclaimed worker is told to the engineer at once and ends when its notice is over", async () => {
  await runCluster(true);
  const noticeMs = market.clock.now();
  const told = await reclaim(1);
  const reclaimAt = new Date(noticeMs + RECLAIM_NOTICE_MS).toISOString();
  expect(told).toMatchObject({ id: idAt(1), interruptible: true, reclaimAt });
  expect((await eventsOf(market.ctx, clusterId)).at(-1)).toMatchObject({
    event: "lease-reclaim-notice",
    detail: expect.stringContaining(reclaimAt),
  });

  await pass(RECLAIM_NOTICE_MS - 1);
  expect((await seen()).leases.map((lease) => lease.stopAskedAtMs)).toEqual([null, null]);
  // A second notice gives no second term.
  expect(await reclaim(1)).toMatchObject({ reclaimAt });
  await pass(1);
  const worker = (await seen()).leases[1];
  expect(worker).toMatchObject({ stopReason: "reclaimed-by-supplier" });
  // Paid to the last second of its notice, and agents of before understand what they are told.
  expect(worker?.stopAskedAtMs).toBe(noticeMs + RECLAIM_NOTICE_MS);
  const [node] = nodes.slice(1);
  if (node === undefined) throw new Error("the cluster has a worker");
  expect(await desiredLeases(market.ctx, node.id)).toMatchObject([
    { wanted: "stop", stopReason: "supplier-withdrew" },
  ]);

  await observeLeases(market.ctx, node.id, [word(idAt(1), "ended", { reason: "supplier-withdrew" })]);
  await reconcileClusters(market.ctx);
  expect((await seen()).leases[1]).toMatchObject({ phase: "ended", reason: "reclaimed-by-supplier" });
  expect(await seen()).toMatchObject({ state: "degraded", reason: "reclaimed-by-supplier" });
});

test("a cluster whose head is reclaimed is stopped in good order", async () => {
  await runCluster(true);
  await reclaim(0);
  await pass(RECLAIM_NOTICE_MS);
  const [head] = nodes;
  if (head === undefined) throw new Error("the cluster has a head");
  await observeLeases(market.ctx, head.id, [word(idAt(0), "ended")]);
  await reconcileClusters(market.ctx);
  expect(await seen()).toMatchObject({ state: "stopping", reason: "reclaimed-by-supplier" });
});

test("a lease at the full price can't be reclaimed, nor one that is ending", async () => {
  await runCluster(false);
  const refused = { code: "lease-not-reclaimable", input: { field: "leaseId", given: idAt(1) } };
  await expect(reclaim(1)).rejects.toMatchObject(refused);
  expect((await seen()).leases.map((lease) => lease.reclaimAtMs)).toEqual([null, null]);
});

test("a supplier sees and reclaims leases on its own nodes only", async () => {
  await runCluster(true);
  const { items } = await listLeases(market.ctx, market, page);
  expect(items.map(({ id, nodeId }) => [id, nodeId]).sort()).toEqual(
    nodes.map((node, i) => [idAt(i), node.id]).sort(),
  );
  const stranger = { accountId: market.id("account") };
  expect((await listLeases(market.ctx, stranger, page)).items).toEqual([]);
  for (const leaseId of [idAt(1), market.id("lease")]) {
    await expect(reclaimLease(market.ctx, stranger, leaseId)).rejects.toMatchObject({ code: "not-found" });
  }
  expect((await seen()).leases.map((lease) => lease.reclaimAtMs)).toEqual([null, null]);
});
