import {
  type AccountId,
  baseUnits,
  type ClusterId,
  type LeaseId,
  type QuoteId,
  quotedLeaseSchema,
  type ReservationId,
  reservedEscrowSchema,
} from "@ionet/protocol";
import { type Selectable, sql } from "kysely";
import { z } from "zod";
import type { Context, Db } from "../context.ts";
import { releaseGpus } from "../inventory/hold-gpus.ts";
import { LATE_ESCROW_MS, type ReservationRecord } from "./model.ts";
import { type ReservationRow, tables } from "./tables.ts";

const leasesSchema = z.array(quotedLeaseSchema);
const escrowsSchema = z.array(reservedEscrowSchema.omit({ mint: true, feeBps: true }));

const leaseIdsOf = (row: Pick<Selectable<ReservationRow>, "leases">): LeaseId[] =>
  z.decode(leasesSchema, row.leases as z.input<typeof leasesSchema>).map((lease) => lease.leaseId);

function fromRow(row: Selectable<ReservationRow>): ReservationRecord {
  return {
    id: row.id as ReservationId,
    accountId: row.account_id as AccountId,
    wallet: row.wallet,
    quoteId: row.quote_id as QuoteId,
    clusterId: row.cluster_id as ClusterId,
    state: row.state,
    reason: row.reason,
    expiresAtMs: row.expires_at_ms,
    escrows: z.decode(escrowsSchema, row.escrows as z.input<typeof escrowsSchema>),
    mint: row.mint,
    deposit: baseUnits(BigInt(row.deposit)),
    feeBps: row.fee_bps,
    leases: z.decode(leasesSchema, row.leases as z.input<typeof leasesSchema>),
  };
}

/** Writes a new reservation. False when its quote was booked before. */
export async function insertReservation(db: Db, record: ReservationRecord, nowMs: number): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tables(db)
    .insertInto("reservations")
    .values({
      id: record.id,
      account_id: record.accountId,
      wallet: record.wallet,
      quote_id: record.quoteId,
      cluster_id: record.clusterId,
      state: record.state,
      reason: record.reason,
      escrows: JSON.stringify(z.encode(escrowsSchema, record.escrows)),
      mint: record.mint,
      deposit: record.deposit.toString(),
      fee_bps: record.feeBps,
      leases: JSON.stringify(z.encode(leasesSchema, record.leases)),
      created_at_ms: nowMs,
      expires_at_ms: record.expiresAtMs,
    })
    .onConflict((conflict) => conflict.column("quote_id").doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** A reservation of this account; undefined for another's. */
export async function findReservation(
  db: Db,
  accountId: AccountId,
  id: ReservationId,
): Promise<ReservationRecord | undefined> {
  const row = await tables(db)
    .selectFrom("reservations")
    .selectAll()
    .where("id", "=", id)
    .where("account_id", "=", accountId)
    .executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/**
 * Makes other bookings of this wallet wait until the transaction ends, so that what it holds can be counted and added to
 * as one step. Run it in a transaction, before holding anything.
 */
export async function lockWallet(db: Db, wallet: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`wallet ${wallet}`}, 0))`.execute(db);
}

/**
 * When the last holds of a wallet came to nothing: Unix ms, newest first. Those are the expired and those released since
 * their escrow was refused: to open a wrong escrow costs next to nothing, and keeps GPUs from others all the same.
 */
export async function lastHoldsForNothing(db: Db, wallet: string, count: number): Promise<number[]> {
  const rows = await tables(db)
    .selectFrom("reservations")
    .select("expires_at_ms")
    .where("wallet", "=", wallet)
    .where("state", "in", ["expired", "released"])
    .orderBy("expires_at_ms", "desc")
    .limit(count)
    .execute();
  return rows.map((row) => row.expires_at_ms);
}

/** What all that a wallet holds unfunded costs an hour in one currency, in its base units. */
export async function heldRatePerHour(db: Db, wallet: string, mint: string): Promise<bigint> {
  const rows = await tables(db)
    .selectFrom("reservations")
    .selectAll()
    .where("wallet", "=", wallet)
    .where("mint", "=", mint)
    .where("state", "=", "held")
    .execute();
  return rows
    .map(fromRow)
    .reduce((total, { leases }) => leases.reduce((sum, { ratePerHour }) => sum + ratePerHour, total), 0n);
}

/**
 * Reservations whose escrows may still turn up: held ones, and for a day those that ended unfunded, until every escrow
 * was judged.
 */
export async function reservationsAwaitingEscrows(
  ctx: Pick<Context, "db" | "clock">,
): Promise<ReservationRecord[]> {
  const rows = await tables(ctx.db)
    .selectFrom("reservations")
    .selectAll()
    .where("escrow_judged", "=", false)
    .where("state", "in", ["held", "expired", "released"])
    .where("expires_at_ms", ">", ctx.clock.now() - LATE_ESCROW_MS)
    .orderBy("expires_at_ms")
    .execute();
  return rows.map(fromRow);
}

/** A reservation as it stands now; nobody else changes it before this transaction ends. */
export async function lockReservation(db: Db, id: ReservationId): Promise<ReservationRecord | undefined> {
  const row = await tables(db)
    .selectFrom("reservations")
    .selectAll()
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** Reservations that were funded in time. */
export async function fundedReservations(ctx: Pick<Context, "db">): Promise<ReservationRecord[]> {
  const rows = await tables(ctx.db)
    .selectFrom("reservations")
    .selectAll()
    .where("state", "=", "funded")
    .execute();
  return rows.map(fromRow);
}

/** held → funded. False when the row is not held any more. */
export async function markFunded(db: Db, id: ReservationId): Promise<boolean> {
  const { numUpdatedRows } = await tables(db)
    .updateTable("reservations")
    .set({ state: "funded", escrow_judged: true })
    .where("id", "=", id)
    .where("state", "=", "held")
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/**
 * An escrow is not what was agreed, or one is missing or came too late: held → released with its GPUs; what has ended
 * stays as it ended. `allJudged`: no escrow of it is looked for any more. False when that was so before. Run it in a
 * transaction.
 */
export async function markRefused(
  db: Db,
  id: ReservationId,
  reason: string,
  allJudged = true,
): Promise<boolean> {
  const row = await tables(db)
    .updateTable("reservations")
    .set({
      state: sql<"released" | "expired">`case when state = 'held' then 'released' else state end`,
      // The first refusal released it; others followed from that one.
      reason: sql<string>`case when state = 'released' then reason else ${reason} end`,
      escrow_judged: allJudged,
    })
    .where("id", "=", id)
    .where("state", "in", ["held", "expired", "released"])
    .where("escrow_judged", "=", false)
    .returning("leases")
    .executeTakeFirst();
  if (row === undefined) return false;
  await releaseGpus(db, leaseIdsOf(row));
  return true;
}

/** A lease has ended: its GPUs can be hired again. */
export const releaseLeaseGpus = (db: Db, leaseId: LeaseId): Promise<void> => releaseGpus(db, [leaseId]);

/** held → expired, for all whose time is over; their GPUs are free. Returns which. Run it in a transaction. */
export async function expireHolds(db: Db, nowMs: number): Promise<ReservationId[]> {
  const rows = await tables(db)
    .updateTable("reservations")
    .set({ state: "expired", reason: "its escrows were not all funded in time" })
    .where("state", "=", "held")
    .where("expires_at_ms", "<=", nowMs)
    .returning(["id", "leases"])
    .execute();
  await releaseGpus(db, rows.flatMap(leaseIdsOf));
  return rows.map((row) => row.id as ReservationId);
}
