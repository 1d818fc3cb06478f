import type { LeaseId } from "@ionet/protocol";
import type { Db } from "../context.ts";
import { FORMING_LIMIT_MS, type LeaseRecord, STOP_LIMIT_MS } from "./model.ts";
import { leasesByIds } from "./store.ts";

/** When a lease's GPUs are free again at the latest, if nobody tops it up: Unix ms. */
export function latestEndMs(
  lease: Pick<LeaseRecord, "assignedAtMs" | "joinedAtMs" | "maxSeconds" | "stopAskedAtMs" | "reclaimAtMs">,
): number {
  const startedMs = lease.joinedAtMs ?? lease.assignedAtMs + FORMING_LIMIT_MS;
  const ends = [startedMs + lease.maxSeconds * 1000, lease.stopAskedAtMs, lease.reclaimAtMs];
  return Math.min(...ends.filter((end) => end !== null)) + STOP_LIMIT_MS;
}

/** The latest ends of these leases; those that are not of a cluster yet are missing. */
export async function latestEnds(
  ctx: { db: Db },
  leaseIds: readonly LeaseId[],
): Promise<Map<LeaseId, number>> {
  const leases = await leasesByIds(ctx, leaseIds);
  return new Map(leases.map((lease) => [lease.id, latestEndMs(lease)]));
}
