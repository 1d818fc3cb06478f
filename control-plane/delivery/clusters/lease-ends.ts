import type { LeaseId } from "@ionet/protocol";
import type { Db } from "../../platform/context.ts";
import { anyOf } from "../../platform/database/any-of.ts";
import { FORMING_LIMIT_MS, type LeaseRecord, STOP_LIMIT_MS } from "./model.ts";
import { tables } from "./tables.ts";

/** When a lease's GPUs are free again at the latest, if nobody tops it up: Unix ms. */
export function latestEndMs(
  lease: Pick<LeaseRecord, "assignedAtMs" | "joinedAtMs" | "maxSeconds" | "stopAskedAtMs" | "reclaimAtMs">,
): number {
  const startedMs = lease.joinedAtMs ?? lease.assignedAtMs + FORMING_LIMIT_MS;
  const ends = [startedMs + lease.maxSeconds * 1000, lease.stopAskedAtMs, lease.reclaimAtMs];
  return Math.min(...ends.filter((end) => end !== null)) + STOP_LIMIT_MS;
}

/** Leases read at a time, so that others have their turn in between. */
const PART = 5_000;

/**
 * The latest ends of these leases, which may be all of a network: only what tells the time is read of each. Those that are
 * not of a cluster yet are missing.
 */
export async function latestEnds(
  ctx: { db: Db },
  leaseIds: readonly LeaseId[],
): Promise<Map<LeaseId, number>> {
  const ends = new Map<LeaseId, number>();
  for (let start = 0; start < leaseIds.length; start += PART) {
    const rows = await tables(ctx.db)
      .selectFrom("leases")
      .select([
        "id",
        "assigned_at_ms as assignedAtMs",
        "joined_at_ms as joinedAtMs",
        "max_seconds as maxSeconds",
        "stop_asked_at_ms as stopAskedAtMs",
        "reclaim_at_ms as reclaimAtMs",
      ])
      .where(anyOf("id", leaseIds.slice(start, start + PART)))
      .execute();
    for (const { id, ...times } of rows) ends.set(id as LeaseId, latestEndMs(times));
  }
  return ends;
}
