import type { Db } from "../../platform/context.ts";

type PriceTable = { account: string; publish_time: number };
const tables = (db: Db) => db.withTables<{ oracle_prices: PriceTable }>();

/** When the newest price that was ever taken from this account was published, in Unix seconds; null when none was. */
export async function lastPublishTime(db: Db, account: string): Promise<number | null> {
  const row = await tables(db)
    .selectFrom("oracle_prices")
    .select("publish_time")
    .where("account", "=", account)
    .executeTakeFirst();
  return row?.publish_time ?? null;
}

/** Remembers a publish time; it never goes back, whoever writes at the same moment. False when a later one is there. */
export async function notePublishTime(db: Db, account: string, publishTime: number): Promise<boolean> {
  const written = await tables(db)
    .insertInto("oracle_prices")
    .values({ account, publish_time: publishTime })
    .onConflict((conflict) =>
      conflict
        .column("account")
        .doUpdateSet({ publish_time: publishTime })
        .where("oracle_prices.publish_time", "<=", publishTime),
    )
    .executeTakeFirst();
  return (written.numInsertedOrUpdatedRows ?? 0n) > 0n;
}
