import {
  type AccountId,
  baseUnits,
  type ClusterId,
  quotedLeaseSchema,
  type ReservationId,
} from "@ionet/protocol";
import type { ColumnType, Selectable } from "kysely";
import { z } from "zod";
import type { Db } from "../../platform/context.ts";
import type { NumberOrNull } from "../../platform/database/columns.ts";
import type { EscrowRecord } from "./model.ts";

type EscrowTable = {
  address: string;
  position: number;
  reservation_id: string;
  cluster_id: string;
  account_id: string;
  engineer: string;
  mint: string;
  deposited: string;
  fee_bps: number;
  minimum_seconds: number;
  opened_slot: string;
  opened_at_ms: number;
  leases: ColumnType<unknown, string, never>;
  state: "funded" | "refused";
  reason: string | null;
  seen_at_ms: number;
  started_at_ms: NumberOrNull;
  settled_at_ms: NumberOrNull;
};

const agreedLeases = z.array(quotedLeaseSchema);
const tables = (db: Db) => db.withTables<{ escrows: EscrowTable }>();

function fromRow(row: Selectable<EscrowTable>): EscrowRecord {
  return {
    address: row.address,
    position: row.position,
    reservationId: row.reservation_id as ReservationId,
    clusterId: row.cluster_id as ClusterId,
    accountId: row.account_id as AccountId,
    engineer: row.engineer,
    mint: row.mint,
    deposited: baseUnits(BigInt(row.deposited)),
    feeBps: row.fee_bps,
    minimumSeconds: row.minimum_seconds,
    openedSlot: BigInt(row.opened_slot),
    openedAtMs: row.opened_at_ms,
    leases: z.decode(agreedLeases, row.leases as z.input<typeof agreedLeases>),
    state: row.state,
    reason: row.reason,
    seenAtMs: row.seen_at_ms,
  };
}

/** Writes what was seen, once: a second word about the same escrow changes nothing. Returns whether it was the first. */
export async function recordEscrow(db: Db, escrow: EscrowRecord): Promise<boolean> {
  const written = await tables(db)
    .insertInto("escrows")
    .values({
      address: escrow.address,
      position: escrow.position,
      reservation_id: escrow.reservationId,
      cluster_id: escrow.clusterId,
      account_id: escrow.accountId,
      engineer: escrow.engineer,
      mint: escrow.mint,
      deposited: escrow.deposited.toString(),
      fee_bps: escrow.feeBps,
      minimum_seconds: escrow.minimumSeconds,
      opened_slot: escrow.openedSlot.toString(),
      opened_at_ms: escrow.openedAtMs,
      leases: JSON.stringify(z.encode(agreedLeases, escrow.leases)),
      state: escrow.state,
      reason: escrow.reason,
      seen_at_ms: escrow.seenAtMs,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (written.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** The escrows of a reservation that the chain has shown, judged one way or the other. */
export async function seenEscrows(db: Db, reservationId: ReservationId): Promise<Set<string>> {
  const rows = await tables(db)
    .selectFrom("escrows")
    .select("address")
    .where("reservation_id", "=", reservationId)
    .execute();
  return new Set(rows.map((row) => row.address));
}

/** Clusters that have not been started, oldest first: each with all its escrows, funded, in their order. */
export async function clustersToStart(ctx: { db: Db }): Promise<Map<ClusterId, EscrowRecord[]>> {
  const rows = await tables(ctx.db)
    .selectFrom("escrows")
    .selectAll()
    .where("state", "=", "funded")
    .where("started_at_ms", "is", null)
    .orderBy("seen_at_ms")
    .orderBy("position")
    .execute();
  return Map.groupBy(rows.map(fromRow), (escrow) => escrow.clusterId);
}

/** Says that the cluster of these escrows exists; false when somebody else said so before. */
export async function markStarted(db: Db, clusterId: ClusterId, nowMs: number): Promise<boolean> {
  const changed = await tables(db)
    .updateTable("escrows")
    .set({ started_at_ms: nowMs })
    .where("cluster_id", "=", clusterId)
    .where("state", "=", "funded")
    .where("started_at_ms", "is", null)
    .executeTakeFirst();
  return changed.numUpdatedRows > 0n;
}

/** Refused escrows that still hold the engineer's money. */
export async function escrowsToRefund(ctx: { db: Db }): Promise<EscrowRecord[]> {
  const rows = await tables(ctx.db)
    .selectFrom("escrows")
    .selectAll()
    .where("state", "=", "refused")
    .where("settled_at_ms", "is", null)
    .orderBy("seen_at_ms")
    .execute();
  return rows.map(fromRow);
}

/**
 * The escrows of a cluster, or of the reservation that was to become it, in their order; empty when the chain has shown
 * none.
 */
export async function escrowsOf(ctx: { db: Db }, clusterId: ClusterId): Promise<EscrowRecord[]> {
  const rows = await tables(ctx.db)
    .selectFrom("escrows")
    .selectAll()
    .where("cluster_id", "=", clusterId)
    .orderBy("position")
    .execute();
  return rows.map(fromRow);
}

/** Those of a cluster's escrows that hold money still, in their order. */
export async function unsettledEscrows(ctx: { db: Db }, clusterId: ClusterId): Promise<EscrowRecord[]> {
  const rows = await tables(ctx.db)
    .selectFrom("escrows")
    .selectAll()
    .where("cluster_id", "=", clusterId)
    .where("settled_at_ms", "is", null)
    .orderBy("position")
    .execute();
  return rows.map(fromRow);
}

/** Nobody else says anything about a cluster's escrows before this transaction ends. */
export async function lockEscrows(db: Db, clusterId: ClusterId): Promise<void> {
  await tables(db)
    .selectFrom("escrows")
    .select("address")
    .where("cluster_id", "=", clusterId)
    .orderBy("position")
    .forUpdate()
    .execute();
}

/** A top-up has raised what was deposited; base units. Less than is known changes nothing. */
export async function raiseDeposit(db: Db, address: string, deposited: bigint): Promise<void> {
  const row = await tables(db)
    .selectFrom("escrows")
    .select("deposited")
    .where("address", "=", address)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined || BigInt(row.deposited) >= deposited) return;
  await tables(db)
    .updateTable("escrows")
    .set({ deposited: deposited.toString() })
    .where("address", "=", address)
    .execute();
}

/** Says that nothing is left in this escrow; false when that was said before. */
export async function markEscrowSettled(db: Db, address: string, nowMs: number): Promise<boolean> {
  const changed = await tables(db)
    .updateTable("escrows")
    .set({ settled_at_ms: nowMs })
    .where("address", "=", address)
    .where("settled_at_ms", "is", null)
    .executeTakeFirst();
  return changed.numUpdatedRows > 0n;
}
