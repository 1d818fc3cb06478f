import type { AccountId, ClusterId, LeaseId } from "@ionet/protocol";
import { problem } from "@ionet/protocol";
import type { Context } from "../../platform/context.ts";
import { askStop } from "./change.ts";
import { stopAll } from "./decide.ts";
import { type ClusterWithLeases, isEnding } from "./model.ts";
import { applySteps } from "./reconcile.ts";
import { findCluster, lockCluster } from "./store.ts";

/** A cluster of this account. Another account's cluster is not found: that it exists is nobody else's business. */
export async function ownCluster(
  ctx: Pick<Context, "db">,
  accountId: AccountId,
  clusterId: ClusterId,
): Promise<ClusterWithLeases> {
  const found = await findCluster(ctx, clusterId);
  if (found === null || found.cluster.accountId !== accountId) throw clusterNotFound(clusterId);
  return found;
}

export const clusterNotFound = (clusterId: ClusterId) =>
  problem("not-found", {
    field: "clusterId",
    given: clusterId,
    allowed: "a cluster of this account",
    detail: `You have no cluster ${clusterId}.`,
    next: "List yours with GET /v1/clusters. A reservation has its cluster once its escrow is final on the chain.",
  });

/**
 * The engineer stops a cluster: from this moment nothing is billed. Stopping what is stopping, closed or failed already
 * changes nothing.
 */
export async function stopCluster(
  ctx: Context,
  caller: { accountId: AccountId },
  clusterId: ClusterId,
): Promise<ClusterWithLeases> {
  const owned = await ownCluster(ctx, caller.accountId, clusterId);
  await ctx.db.transaction().execute(async (db) => {
    const locked = await lockCluster(db, clusterId);
    if (locked === null || isEnding(locked.cluster.state) || locked.cluster.state === "closed") return;
    await applySteps(db, locked, stopAll(locked.leases, "stopping", "stopped-by-engineer"), ctx.clock.now());
  });
  for (const lease of owned.leases) ctx.nodeChanged(lease.nodeId);
  ctx.wake("clusters");
  return ownCluster(ctx, caller.accountId, clusterId);
}

/**
 * Asks workers to stop that their head does not see, though they say that they have joined: whichever of the two lies or
 * errs, nobody works unpaid and nobody computes for free. The cluster is degraded when they have ended.
 */
export async function stopContradicted(
  ctx: Context,
  clusterId: ClusterId,
  leaseIds: readonly LeaseId[],
): Promise<void> {
  const asked = await ctx.db.transaction().execute(async (db) => {
    const locked = await lockCluster(db, clusterId);
    const leases = (locked?.leases ?? []).filter(
      (lease) => leaseIds.includes(lease.id) && lease.phase === "joined" && lease.stopAskedAtMs === null,
    );
    for (const lease of leases) await askStop(db, lease, "head-contradicts", ctx.clock.now());
    return leases;
  });
  if (asked.length === 0) return;
  for (const lease of asked) {
    ctx.log.warn({ clusterId, leaseId: lease.id, nodeId: lease.nodeId }, "the head does not see this worker");
    ctx.nodeChanged(lease.nodeId);
  }
  ctx.wake("clusters");
}
