import { type AccountId, type Answer, type Call, type LeaseId, problem } from "@ionet/protocol";
import type { Context } from "../../platform/context.ts";
import { pageOf } from "../../platform/http/page.ts";
import { findNode } from "../../supply/nodes/store.ts";
import { recordEvent } from "./change.ts";
import { type LeaseRecord, RECLAIM_NOTICE_MS } from "./model.ts";
import { leasesByIds, leasesOfSupplier, lockCluster, writeReclaim } from "./store.ts";
import { supplierLeaseView } from "./view.ts";

/** The leases on the caller's nodes that have not ended. */
export async function listLeases(
  ctx: Pick<Context, "db">,
  caller: { accountId: AccountId },
  { cursor = "", limit }: Call<"listLeases">["query"],
): Promise<Answer<"listLeases">> {
  const rows = await leasesOfSupplier(ctx, caller.accountId, { after: cursor, limit: limit + 1 });
  return pageOf(rows, limit, (lease) => lease.id, supplierLeaseView);
}

/**
 * Gives notice that a node is taken back: the lease ends RECLAIM_NOTICE_MS from now, paid until then, and its engineer
 * sees it in the cluster's events. A second notice changes nothing. Throws `not-found`, also for a lease on another's
 * node, and `lease-not-reclaimable`.
 */
export async function reclaimLease(
  ctx: Context,
  caller: { accountId: AccountId },
  leaseId: LeaseId,
): Promise<Answer<"reclaimLease">> {
  const [found] = await leasesByIds(ctx, [leaseId]);
  const node = found === undefined ? undefined : await findNode(ctx, found.nodeId);
  if (found === undefined || node?.accountId !== caller.accountId) throw leaseNotFound(leaseId);
  const lease = await ctx.db.transaction().execute(async (db) => {
    const locked = await lockCluster(db, found.clusterId);
    const now = locked?.leases.find((one) => one.id === leaseId) ?? found;
    requireReclaimable(now);
    if (now.reclaimAtMs !== null) return now;
    const nowMs = ctx.clock.now();
    const reclaimAtMs = nowMs + RECLAIM_NOTICE_MS;
    await writeReclaim(db, leaseId, reclaimAtMs);
    const at = new Date(reclaimAtMs).toISOString();
    const detail = `${now.role} ${now.nodeId}: its supplier takes it back at ${at}; it is paid until then`;
    await recordEvent(db, { id: now.clusterId }, nowMs, "lease-reclaim-notice", detail);
    return { ...now, reclaimAtMs };
  });
  ctx.wake("clusters");
  return supplierLeaseView(lease);
}

function requireReclaimable(lease: LeaseRecord): void {
  const why =
    lease.phase === "ended" || lease.stopAskedAtMs !== null
      ? "the lease has ended or is ending already"
      : lease.agreed.interruptible !== true
        ? "the lease was hired at the full price, which includes that it is not interrupted"
        : null;
  if (why === null) return;
  throw problem("lease-not-reclaimable", {
    detail: why,
    field: "leaseId",
    given: lease.id,
    allowed: "a running lease that was hired at the interruptible price",
    next: "See which can be reclaimed with GET /v1/leases (`ionet agent leases`); to end a node's work all the same, stop its agent.",
  });
}

const leaseNotFound = (leaseId: LeaseId) =>
  problem("not-found", {
    detail: "none of your nodes has such a lease",
    field: "leaseId",
    given: leaseId,
    allowed: "a lease on a node of yours",
    next: "List them with GET /v1/leases (`ionet agent leases`).",
  });
