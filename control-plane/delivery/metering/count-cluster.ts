import type { LeaseId } from "@ionet/protocol";
import { sql } from "kysely";
import type { Context, Db } from "../../platform/context.ts";
import { anyOf } from "../../platform/database/any-of.ts";
import type { ClusterWithLeases, LeaseRecord } from "../clusters/model.ts";
import { recordDelivered } from "../clusters/store.ts";
import {
  billableSpan,
  billedSeconds,
  CONTRADICTION_LIMIT_MS,
  contradictedMs,
  countable,
  countMilliseconds,
} from "./model.ts";
import { tables } from "./tables.ts";

/**
 * Counts what a cluster's leases have delivered since the last time, and writes the whole seconds down where engineers
 * see them. `minimumSeconds` is each escrow's own, by its address. With `everything` nothing waits for the head's word any
 * more: the count before the final reading.
 */
export async function countCluster(
  ctx: Pick<Context, "db" | "clock">,
  { cluster, leases }: ClusterWithLeases,
  options: { minimumSeconds: ReadonlyMap<string, number>; everything: boolean },
): Promise<void> {
  const head = leases.find((lease) => lease.role === "head");
  for (const lease of leases) {
    if (lease.joinedAtMs === null) continue;
    const deliveredMs = await countLease(ctx, lease, head, options.everything);
    const billed = billedSeconds(deliveredMs, {
      served: cluster.readyAtMs !== null || (await wasSeenAlive(ctx.db, head, lease)),
      minimumSeconds: options.minimumSeconds.get(lease.escrow) ?? 0,
      maxSeconds: lease.maxSeconds,
    });
    const delivered = Math.min(Math.floor(deliveredMs / 1000), lease.maxSeconds);
    if (billed > lease.billedSeconds || delivered > lease.deliveredSeconds) {
      await recordDelivered(ctx.db, lease.id, { delivered, billed });
    }
  }
}

/** Milliseconds delivered in all. */
async function countLease(
  ctx: Pick<Context, "db" | "clock">,
  lease: LeaseRecord,
  head: LeaseRecord | undefined,
  everything: boolean,
): Promise<number> {
  const meter = await tables(ctx.db)
    .selectFrom("lease_meters")
    .selectAll()
    .where("lease_id", "=", lease.id)
    .executeTakeFirst();
  if (meter === undefined) return 0;
  const all = await statementsFrom(ctx.db, lease.id, meter.counted_through);
  const own = countable(all, lease, {
    headLastAtMs: head ? await lastWordAtMs(ctx.db, head.id) : null,
    headEnded: everything || head === undefined || head.phase === "ended",
    nowMs: ctx.clock.now(),
  });
  const [first, last] = [own.at(0), own.at(-1)];
  if (first === undefined || last === undefined || first === last) return meter.counted_ms;
  const words =
    head && head.id !== lease.id ? await statementsBetween(ctx.db, head.id, first.atMs, last.atMs) : [];
  const counted = countMilliseconds(own, words, {
    id: lease.id,
    role: lease.role,
    gpus: lease.agreed.gpus,
    ...billableSpan(lease),
  });
  // Only from where it was counted to: two counters at once must not count the same stretch twice.
  const written = await tables(ctx.db)
    .updateTable("lease_meters")
    .set({ counted_through: last.sequence, counted_ms: meter.counted_ms + counted })
    .where("lease_id", "=", lease.id)
    .where("counted_through", "=", meter.counted_through)
    .executeTakeFirst();
  return written.numUpdatedRows > 0n ? meter.counted_ms + counted : meter.counted_ms;
}

const columns = ["sequence", "at_ms", "gpus", "peers_alive", "received_at_ms"] as const;
type Row = {
  sequence: number;
  at_ms: number;
  gpus: number[];
  peers_alive: string[] | null;
  received_at_ms: number;
};

const fromRow = (row: Row) => ({
  sequence: row.sequence,
  atMs: row.at_ms,
  gpus: row.gpus,
  peersAlive: row.peers_alive as LeaseId[] | null,
  receivedAtMs: row.received_at_ms,
});

async function statementsFrom(db: Db, leaseId: LeaseId, sequence: number) {
  const rows = await tables(db)
    .selectFrom("statements")
    .select(columns)
    .where("lease_id", "=", leaseId)
    .where("sequence", ">=", sequence)
    .orderBy("sequence")
    .execute();
  return rows.map(fromRow);
}

async function statementsBetween(db: Db, leaseId: LeaseId, afterMs: number, untilMs: number) {
  const rows = await tables(db)
    .selectFrom("statements")
    .select(columns)
    .where("lease_id", "=", leaseId)
    .where("at_ms", ">", afterMs)
    .where("at_ms", "<=", untilMs)
    .orderBy("sequence")
    .execute();
  return rows.map(fromRow);
}

/** Whether the head has named this worker alive once. Its word about itself is nobody else's word. */
async function wasSeenAlive(db: Db, head: LeaseRecord | undefined, lease: LeaseRecord): Promise<boolean> {
  if (head === undefined || lease.role === "head") return false;
  const row = await tables(db)
    .selectFrom("statements")
    .select("sequence")
    .where("lease_id", "=", head.id)
    .where(sql<boolean>`peers_alive @> ${JSON.stringify([lease.id])}::jsonb`)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** The workers of a cluster that its head has lacked for too long, though they say that they have joined. */
export async function contradictedLeases(db: Db, { leases }: ClusterWithLeases): Promise<LeaseId[]> {
  const head = leases.find((lease) => lease.role === "head");
  const workers = leases.filter(
    (lease) => lease.role === "worker" && lease.phase === "joined" && lease.stopAskedAtMs === null,
  );
  if (head === undefined || head.phase !== "joined" || workers.length === 0) return [];
  const lastAtMs = await lastWordAtMs(db, head.id);
  if (lastAtMs === null) return [];
  const words = await statementsBetween(db, head.id, lastAtMs - 2 * CONTRADICTION_LIMIT_MS, lastAtMs);
  return workers
    .filter((lease) => {
      const sinceJoined = words.filter((word) => word.atMs >= (lease.joinedAtMs ?? lastAtMs));
      return contradictedMs(sinceJoined, lease.id) >= CONTRADICTION_LIMIT_MS;
    })
    .map((lease) => lease.id);
}

async function lastWordAtMs(db: Db, leaseId: LeaseId): Promise<number | null> {
  const row = await tables(db)
    .selectFrom("lease_meters")
    .select("last_at_ms")
    .where("lease_id", "=", leaseId)
    .executeTakeFirst();
  return row?.last_at_ms ?? null;
}

/** Leases whose agents have said all they had to say. */
export async function sealedLeases(db: Db, leaseIds: readonly LeaseId[]): Promise<Set<LeaseId>> {
  if (leaseIds.length === 0) return new Set();
  const rows = await tables(db)
    .selectFrom("lease_meters")
    .select("lease_id")
    .where(anyOf("lease_id", leaseIds))
    .where("sealed", "=", true)
    .execute();
  return new Set(rows.map((row) => row.lease_id as LeaseId));
}
