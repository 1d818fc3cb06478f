import type { ColumnType, Kysely } from "kysely";
import type { Db, Tables } from "../../../platform/context.ts";
import type { History, HistoryPage } from "./history.ts";

type AnnouncedTable = { escrow: string; signature: string; announced_at_ms: number };
type CursorTable = { escrow: string; before: string | null; received: string; complete: boolean };
type PaymentTable = {
  escrow: string;
  position: number;
  signature: string;
  changes: ColumnType<Record<string, string>, string, string>;
};

const tables = (db: Db) =>
  db.withTables<{
    announced_transactions: AnnouncedTable;
    history_cursors: CursorTable;
    history_payments: PaymentTable;
  }>();

/** Keeps which transaction is about to be sent for an escrow. */
export async function announce(db: Db, escrow: string, signature: string, nowMs: number): Promise<void> {
  await tables(db)
    .insertInto("announced_transactions")
    .values({ escrow, signature, announced_at_ms: nowMs })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** The signatures of all transactions that were sent for an escrow, oldest first; some may never have landed. */
export async function announcedOf(db: Db, escrow: string): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom("announced_transactions")
    .select("signature")
    .where("escrow", "=", escrow)
    .orderBy("announced_at_ms")
    .orderBy("signature")
    .execute();
  return rows.map(({ signature }) => signature);
}

/** How far an escrow's history has been read: on from `before`, or all of it. */
export type HistoryCursor = { before: string | null; complete: boolean };

/** Null before the first page. */
export async function cursorOf(db: Db, escrow: string): Promise<HistoryCursor | null> {
  const row = await tables(db)
    .selectFrom("history_cursors")
    .select(["before", "complete"])
    .where("escrow", "=", escrow)
    .executeTakeFirst();
  return row ?? null;
}

/** What was read of an escrow's history so far. */
export async function historyRead(db: Db, escrow: string): Promise<History> {
  const cursor = await tables(db)
    .selectFrom("history_cursors")
    .select("received")
    .where("escrow", "=", escrow)
    .executeTakeFirst();
  const rows = await tables(db)
    .selectFrom("history_payments")
    .selectAll()
    .where("escrow", "=", escrow)
    .orderBy("position", "desc")
    .execute();
  const payments = rows.map(({ signature, changes }) => ({
    signature,
    changes: new Map(Object.entries(changes).map(([wallet, amount]) => [wallet, BigInt(amount)])),
  }));
  return { received: BigInt(cursor?.received ?? 0), payments };
}

/** Adds the page that was read from `after` on. Another process that added the same page before is not repeated. */
export async function keepPage(
  db: Kysely<Tables>,
  escrow: string,
  after: HistoryCursor | null,
  { history, before, closes }: HistoryPage,
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const kept = tables(transaction);
    if (after === null) {
      await kept
        .insertInto("history_cursors")
        .values({ escrow, before: null, received: "0", complete: false })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
    const changed = await kept
      .updateTable("history_cursors")
      .set(({ eb }) => ({
        before,
        complete: before === null,
        received: closes ? history.received.toString() : eb("received", "+", history.received.toString()),
      }))
      .where("escrow", "=", escrow)
      .where("complete", "=", false)
      .where("before", "is not distinct from", after?.before ?? null)
      .executeTakeFirst();
    if (changed.numUpdatedRows === 0n) return;
    if (closes) await kept.deleteFrom("history_payments").where("escrow", "=", escrow).execute();
    if (history.payments.length === 0) return;
    const { count } = await kept
      .selectFrom("history_payments")
      .select(({ fn }) => fn.countAll<number | string>().as("count"))
      .where("escrow", "=", escrow)
      .executeTakeFirstOrThrow();
    const newestFirst = history.payments.toReversed();
    const rows = newestFirst.map(({ signature, changes }, index) => ({
      ...{ escrow, signature, position: Number(count) + index },
      changes: JSON.stringify(
        Object.fromEntries([...changes].map(([wallet, amount]) => [wallet, amount.toString()])),
      ),
    }));
    await kept.insertInto("history_payments").values(rows).execute();
  });
}

/** The account is written: what was read for it is no longer needed. */
export async function forgetPages(db: Db, escrow: string): Promise<void> {
  await tables(db).deleteFrom("history_cursors").where("escrow", "=", escrow).execute();
}
