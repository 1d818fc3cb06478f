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
import type { Context, Db } from "../../platform/context.ts";
import { anyOf } from "../../platform/database/any-of.ts";
import { BOOKED_START_SECONDS } from "../../supply/inventory/hirable.ts";
import { releaseGpus } from "../../supply/inventory/hold-gpus.ts";
import {
  HOLD_SECONDS,
  HOLDS_FOR_NOTHING,
  LATE_ESCROW_MS,
  type ReservationRecord,
  statesBefore,
} from "./model.ts";
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

/** Writes new reservations; answers which: those whose quote was booked before are left out. */
export async function insertReservations(
  db: Db,
  reservations: readonly { record: ReservationRecord; nowMs: number }[],
): Promise<Set<ReservationId>> {
  if (reservations.length === 0) return new Set();
  const rows = await tables(db)
    .insertInto("reservations")
    .values(
      reservations.map(({ record, nowMs }) => ({
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
      })),
    )
    .onConflict((conflict) => conflict.column("quote_id").doNothing())
    .returning("id")
    .execute();
  return new Set(rows.map((row) => row.id as ReservationId));
}

/** The reservation that a quote became; undefined when it was not booked. */
export async function reservationOfQuote(db: Db, quoteId: QuoteId): Promise<ReservationRecord | undefined> {
  const row = await tables(db)
    .selectFrom("reservations")
    .selectAll()
    .where("quote_id", "=", quoteId)
    .executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** By when the leases of these reservations, which no cluster has yet, have ended at the latest (Unix ms). */
export async function latestEndsOfHolds(
  db: Db,
  ids: readonly ReservationId[],
): Promise<Map<LeaseId, number>> {
  if (ids.length === 0) return new Map();
  const rows = await tables(db).selectFrom("reservations").selectAll().where(anyOf("id", ids)).execute();
  const startMs = (BOOKED_START_SECONDS - HOLD_SECONDS) * 1000;
  return new Map(
    rows
      .map(fromRow)
      .flatMap(({ leases, expiresAtMs }) =>
        leases.map(
          ({ leaseId, maxSeconds }) => [leaseId, expiresAtMs + startMs + maxSeconds * 1000] as const,
        ),
      ),
  );
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
 * When the last two holds of these wallets that came to nothing stood until: Unix ms, newest first. Those are the expired
 * and those released since their escrow was refused: to open a wrong escrow costs next to nothing, and keeps GPUs from
 * others all the same.
 */
export async function holdsForNothing(db: Db, wallets: readonly string[]): Promise<Map<string, number[]>> {
  const ranked = tables(db)
    .selectFrom("reservations")
    .select((row) => [
      "wallet",
      "expires_at_ms",
      row.fn
        .agg<number>("row_number")
        .over((over) => over.partitionBy("wallet").orderBy("expires_at_ms", "desc"))
        .as("place"),
    ])
    .where("wallet", "in", wallets)
    .where("state", "in", ["expired", "released"]);
  const rows = await db
    .selectFrom(ranked.as("ranked"))
    .select(["wallet", "expires_at_ms"])
    .where("place", "<=", HOLDS_FOR_NOTHING)
    .orderBy("expires_at_ms", "desc")
    .execute();
  const byWallet = Map.groupBy(rows, (row) => row.wallet);
  return new Map([...byWallet].map(([wallet, holds]) => [wallet, holds.map((hold) => hold.expires_at_ms)]));
}

/** What all that these wallets hold unfunded costs an hour, by `wallet mint`, in base units of the mint. */
export async function heldRates(db: Db, wallets: readonly string[]): Promise<Map<string, bigint>> {
  const rows = await tables(db)
    .selectFrom("reservations")
    .select(["wallet", "mint", "leases"])
    .where("wallet", "in", wallets)
    .where("state", "=", "held")
    .execute();
  const rates = new Map<string, bigint>();
  for (const row of rows) {
    const key = `${row.wallet} ${row.mint}`;
    const leases = z.decode(leasesSchema, row.leases as z.input<typeof leasesSchema>);
    rates.set(
      key,
      leases.reduce((total, { ratePerHour }) => total + ratePerHour, rates.get(key) ?? 0n),
    );
  }
  return rates;
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

/** held → funded. False when the row is not held any more. */
export async function markFunded(db: Db, id: ReservationId): Promise<boolean> {
  const { numUpdatedRows } = await tables(db)
    .updateTable("reservations")
    .set({ state: "funded", escrow_judged: true })
    .where("id", "=", id)
    .where("state", "in", statesBefore("funded"))
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
      state: sql<
        "released" | "expired"
      >`case when state = any(${statesBefore("released")}) then 'released' else state end`,
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
    .where("state", "in", statesBefore("expired"))
    .where("expires_at_ms", "<=", nowMs)
    .returning(["id", "leases"])
    .execute();
  await releaseGpus(db, rows.flatMap(leaseIdsOf));
  return rows.map((row) => row.id as ReservationId);
}
