import type { LeaseId, QuotedLease } from "@ionet/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { changedDeliveries } from "../../supply/inventory/reliability.ts";
import { endLease, markClosed } from "../clusters/change.ts";
import { observeLeases } from "../clusters/observe-leases.ts";
import { reconcileClusters } from "../clusters/reconcile.ts";
import { findCluster } from "../clusters/store.ts";
import { openTestMarket, type TestMarket, walletNamed, word } from "../escrows/testing/market.ts";
import { recordDeliveries } from "./record-deliveries.ts";

let market: TestMarket;
const idOf = (lease: QuotedLease | undefined): LeaseId => {
  if (lease === undefined) throw new Error("a node of the cluster has a lease");
  return lease.leaseId;
};
beforeEach(async () => {
  market = await openTestMarket();
});
afterEach(() => market.close());

test("a lease is in its node's history once, when its cluster is settled and not before", async () => {
  const nodes = [await market.addNode(walletNamed("head")), await market.addNode(walletNamed("worker"))];
  const ids = nodes.map((node) => node.id);
  const history = async () => {
    await recordDeliveries(market.ctx);
    const known = await changedDeliveries(market.ctx.db, "0");
    return ids.map((id) => known.get(id));
  };
  for (const [round, hours] of [1, 2].entries()) {
    const { clusterId, leases } = await market.fundedCluster(nodes);
    await reconcileClusters(market.ctx);
    for (const [i, node] of nodes.entries()) {
      await observeLeases(market.ctx, node.id, [word(idOf(leases[i]), "joined")]);
    }
    const { ctx, clock } = market;
    await ctx.db.transaction().execute(async (db) => {
      const found = await findCluster({ db }, clusterId);
      for (const lease of found?.leases ?? []) {
        const reason = lease.role === "head" ? "stopped-by-engineer" : "agent-lost";
        await endLease(db, lease, { reason, detail: null, acknowledged: true }, clock.now() + 1_815_000);
      }
    });
    // Joined, so it was ready; the head has ended, so it is not any more.
    await reconcileClusters(ctx);
    const before = await history();
    expect(before.map((one) => one?.promisedSeconds)).toEqual(
      round === 0 ? [undefined, undefined] : [1800, 3600],
    );
    await ctx.db.transaction().execute((db) => markClosed(db, clusterId, clock.now()));
    for (const _again of [1, 2]) {
      expect(await history()).toEqual([
        { promisedSeconds: 1800 * hours, deliveredSeconds: 0 },
        { promisedSeconds: 3600 * hours, deliveredSeconds: 0 },
      ]);
    }
  }
});

test("one that fails while a cluster forms spoils its own history, not that of those who are stopped for it", async () => {
  const names = ["head", "failing", "honest"];
  const nodes = await Promise.all(names.map((name) => market.addNode(walletNamed(name))));
  const { clusterId, leases } = await market.fundedCluster(nodes);
  const { ctx, clock } = market;
  await reconcileClusters(ctx);
  const say = (at: number, phase: "joined" | "ended", more = {}) => {
    const node = nodes[at];
    if (node === undefined) throw new Error("three nodes");
    return observeLeases(ctx, node.id, [word(idOf(leases[at]), phase, more)]);
  };
  await say(2, "joined");
  await say(1, "ended", { reason: "environment-failed" });
  await reconcileClusters(ctx);
  for (const at of [0, 2]) await say(at, "ended");
  await ctx.db.transaction().execute((db) => markClosed(db, clusterId, clock.now()));
  await recordDeliveries(ctx);
  const known = await changedDeliveries(ctx.db, "0");
  expect(nodes.map(({ id }) => known.get(id))).toEqual([
    undefined,
    { promisedSeconds: 3600, deliveredSeconds: 0 },
    undefined,
  ]);
});
