import type { EndReason, NodeId, ObservedLease } from "@ionet/protocol";
import type { Context, Db } from "../../platform/context.ts";
import { acknowledgeEnd, advanceLease, endLease } from "./change.ts";
import type { LeaseRecord } from "./model.ts";
import { leasesByIds, lockLease } from "./store.ts";

/**
 * Takes an agent's word about its leases: how far they are, and that they ended. A node's word about another node's
 * lease is ignored.
 */
export async function observeLeases(
  ctx: Context,
  nodeId: NodeId,
  observed: readonly ObservedLease[],
): Promise<void> {
  const known = await leasesByIds(
    ctx,
    observed.map((word) => word.leaseId),
  );
  let changed = false;
  for (const word of observed) {
    const lease = known.find((candidate) => candidate.id === word.leaseId);
    if (lease === undefined || lease.nodeId !== nodeId) {
      ctx.log.warn({ nodeId, leaseId: word.leaseId }, "a node spoke of a lease that is not its own");
    } else if (isNews(lease, word)) {
      changed = (await ctx.db.transaction().execute((db) => observeLease(ctx, db, lease, word))) || changed;
    }
  }
  if (changed) ctx.wake("clusters");
}

const isNews = (lease: LeaseRecord, word: ObservedLease): boolean =>
  lease.phase !== word.phase || (word.phase === "ended" && !lease.acknowledged);

async function observeLease(ctx: Context, db: Db, seen: LeaseRecord, word: ObservedLease): Promise<boolean> {
  const lease = await lockLease(db, seen);
  if (lease === undefined) return false;
  const nowMs = ctx.clock.now();
  if (word.phase !== "ended") return advanceLease(db, lease, word.phase, word.detail, nowMs);
  if (lease.phase === "ended") {
    await acknowledgeEnd(db, lease);
    return false;
  }
  const end = { reason: whyEnded(lease, word), detail: word.detail, acknowledged: true };
  return endLease(db, lease, end, nowMs);
}

/** A lease that was asked to stop ended for that reason, whatever its last breath looked like. */
const whyEnded = (lease: LeaseRecord, word: ObservedLease): EndReason =>
  lease.stopReason ?? word.reason ?? "ray-exited";
