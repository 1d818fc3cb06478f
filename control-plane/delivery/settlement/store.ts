import { type BaseUnits, baseUnits, type ClusterId, type LeaseId } from "@ionet/protocol";
import type { ColumnType, Generated, Kysely, Selectable } from "kysely";
import type { Db, Tables } from "../../platform/context.ts";
import type { EscrowRecord } from "../escrows/model.ts";
import type { EscrowAccounting } from "./history/account.ts";
import type { PlannedPayout } from "./model.ts";

type TextOrNull = ColumnType<string | null, string | null | undefined, string | null>;
type SettlementTable = {
  escrow: string;
  cluster_id: string;
  state: "open" | "settling" | "settled";
  deposited: string;
  fee: Generated<string>;
  refunded: Generated<string>;
  refund_signature: TextOrNull;
  intended_signature: TextOrNull;
  last_paid_at_ms: number;
  attempts: Generated<number>;
  retry_at_ms: Generated<number>;
  settled_at_ms: ColumnType<number | null, undefined, number>;
};
type PayoutTable = {
  escrow: string;
  lease_index: number;
  lease_id: string;
  supplier: string;
  seconds: number;
  paid: string;
  fee: string;
  signature: string | null;
};

const tables = (db: Db) => db.withTables<{ settlements: SettlementTable; payouts: PayoutTable }>();

/** How far the settlement of one escrow is. */
export type SettlementRecord = {
  escrow: string;
  clusterId: ClusterId;
  state: "open" | "settling" | "settled";
  deposited: BaseUnits;
  fee: BaseUnits;
  refunded: BaseUnits;
  refundSignature: string | null;
  /** The transaction that was about to be sent last; whether it landed is the chain's to say. */
  intendedSignature: string | null;
  lastPaidAtMs: number;
  attempts: number;
  retryAtMs: number;
};

const fromRow = (row: Selectable<SettlementTable>): SettlementRecord => ({
  escrow: row.escrow,
  clusterId: row.cluster_id as ClusterId,
  state: row.state,
  deposited: baseUnits(BigInt(row.deposited)),
  fee: baseUnits(BigInt(row.fee)),
  refunded: baseUnits(BigInt(row.refunded)),
  refundSignature: row.refund_signature,
  intendedSignature: row.intended_signature,
  lastPaidAtMs: row.last_paid_at_ms,
  attempts: row.attempts,
  retryAtMs: row.retry_at_ms,
});

/** The settlement of an escrow, made when it is not there yet. */
export async function openSettlement(db: Db, escrow: EscrowRecord, nowMs: number): Promise<SettlementRecord> {
  const found = await settlementOfEscrow(db, escrow.address);
  if (found !== null) return found;
  await tables(db)
    .insertInto("settlements")
    .values({
      escrow: escrow.address,
      cluster_id: escrow.clusterId,
      state: "open",
      deposited: escrow.deposited.toString(),
      last_paid_at_ms: nowMs,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const made = await settlementOfEscrow(db, escrow.address);
  if (made === null) throw new Error(`the settlement of ${escrow.address} was not kept`);
  return made;
}

async function settlementOfEscrow(db: Db, escrow: string): Promise<SettlementRecord | null> {
  const row = await tables(db)
    .selectFrom("settlements")
    .selectAll()
    .where("escrow", "=", escrow)
    .executeTakeFirst();
  return row === undefined ? null : fromRow(row);
}

/** The settlement of an escrow with its payouts in its table's order. */
export type KeptSettlement = { settlement: SettlementRecord; payouts: PlannedPayout[] };

/** The settlements of a cluster's escrows, by their addresses; those are missing of which nothing was paid yet. */
export async function settlementsOf(db: Db, clusterId: ClusterId): Promise<Map<string, KeptSettlement>> {
  const rows = await tables(db)
    .selectFrom("settlements")
    .selectAll()
    .where("cluster_id", "=", clusterId)
    .execute();
  const found = new Map<string, KeptSettlement>();
  for (const row of rows) {
    found.set(row.escrow, { settlement: fromRow(row), payouts: await payoutsOf(db, row.escrow) });
  }
  return found;
}

/** What the leases of an escrow have been paid so far, in its table's order. */
export async function payoutsOf(db: Db, escrow: string): Promise<PlannedPayout[]> {
  const rows = await tables(db)
    .selectFrom("payouts")
    .selectAll()
    .where("escrow", "=", escrow)
    .orderBy("lease_index")
    .execute();
  return rows.map((payout) => ({
    leaseIndex: payout.lease_index,
    leaseId: payout.lease_id as LeaseId,
    supplier: payout.supplier,
    seconds: payout.seconds,
    paid: baseUnits(BigInt(payout.paid)),
    fee: baseUnits(BigInt(payout.fee)),
    signature: payout.signature,
  }));
}

/** Written before a transaction is sent: which one it will be. A settled escrow has none to send. */
export async function intend(
  db: Db,
  escrow: string,
  signature: string,
  state: "open" | "settling",
): Promise<void> {
  const changed = await tables(db)
    .updateTable("settlements")
    .set({ intended_signature: signature, state })
    .where("escrow", "=", escrow)
    .where("state", "<>", "settled")
    .executeTakeFirst();
  if (changed.numUpdatedRows === 0n) throw new Error(`escrow ${escrow} is settled: nothing is to be sent`);
}

/** The last try failed; the next waits until `retryAtMs`. */
export async function postpone(db: Db, escrow: string, attempts: number, retryAtMs: number): Promise<void> {
  await tables(db)
    .updateTable("settlements")
    .set({ attempts, retry_at_ms: retryAtMs })
    .where("escrow", "=", escrow)
    .execute();
}

/** What a running cluster's suppliers have been paid so far. A settled escrow's account stays as it is. */
export async function recordPayments(
  db: Kysely<Tables>,
  escrow: string,
  paid: { payouts: readonly PlannedPayout[]; fee: BaseUnits },
  nowMs: number,
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const changed = await tables(transaction)
      .updateTable("settlements")
      .set({ fee: paid.fee.toString(), last_paid_at_ms: nowMs, attempts: 0, retry_at_ms: 0 })
      .where("escrow", "=", escrow)
      .where("state", "<>", "settled")
      .executeTakeFirst();
    if (changed.numUpdatedRows > 0n) await replacePayouts(transaction, escrow, paid.payouts);
  });
}

/** What the leases have got so far, where only that is new. A settled escrow's account stays as it is. */
export async function recordPayouts(
  db: Kysely<Tables>,
  escrow: string,
  payouts: readonly PlannedPayout[],
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const open = await tables(transaction)
      .selectFrom("settlements")
      .select("escrow")
      .where("escrow", "=", escrow)
      .where("state", "<>", "settled")
      .forUpdate()
      .executeTakeFirst();
    if (open !== undefined) await replacePayouts(transaction, escrow, payouts);
  });
}

/** The end: what became of every unit. False when that was written before. */
export async function recordSettled(
  db: Db,
  escrow: string,
  account: EscrowAccounting,
  nowMs: number,
): Promise<boolean> {
  const changed = await tables(db)
    .updateTable("settlements")
    .set({
      state: "settled",
      deposited: account.deposited.toString(),
      fee: account.fee.toString(),
      refunded: account.refunded.toString(),
      refund_signature: account.refundSignature,
      settled_at_ms: nowMs,
    })
    .where("escrow", "=", escrow)
    .where("state", "<>", "settled")
    .executeTakeFirst();
  if (changed.numUpdatedRows === 0n) return false;
  await replacePayouts(db, escrow, account.payouts);
  return true;
}

async function replacePayouts(db: Db, escrow: string, payouts: readonly PlannedPayout[]): Promise<void> {
  await tables(db).deleteFrom("payouts").where("escrow", "=", escrow).execute();
  if (payouts.length === 0) return;
  await tables(db)
    .insertInto("payouts")
    .values(
      payouts.map((payout) => ({
        escrow,
        lease_index: payout.leaseIndex,
        lease_id: payout.leaseId,
        supplier: payout.supplier,
        seconds: payout.seconds,
        paid: payout.paid.toString(),
        fee: payout.fee.toString(),
        signature: payout.signature,
      })),
    )
    .execute();
}
