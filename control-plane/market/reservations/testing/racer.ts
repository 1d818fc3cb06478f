/**
 * A control plane that books every quote of its database at once, for race.test.ts: a process of its own, since it is
 * killed. Writes a line `held ID` for each booking that was answered, and `done` after the last.
 * Arguments: the time, and the folder of a PGlite or the URL of a server.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { AccountId, QuoteId } from "@ionet/protocol";
import { sql } from "kysely";
import { openPglite, openPostgres } from "../../../platform/database/open.ts";
import { createLog } from "../../../platform/http/log.ts";
import { openAllocation } from "../../../supply/inventory/allocation/allocation.ts";
import { admitBookings } from "../admit.ts";
import { book } from "../book.ts";
import { testPaymentTerms } from "./payment-terms.ts";

const [time = "", place = ""] = process.argv.slice(2);
const database = await (place.startsWith("postgres://") ? openPostgres(place) : openPglite(place));
const log = createLog("error", process.stderr);
const ctx = {
  db: database.db,
  clock: { now: () => Number(time) },
  random: { bytes: (count: number) => new Uint8Array(randomBytes(count)) },
  allocation: openAllocation({ openConnection: database.openConnection, log }, admitBookings),
};
const terms = testPaymentTerms({
  // The chain answers some earlier than others.
  walletBalance: async () => {
    await sleep(randomBytes(1)[0] ?? 0);
    return 1_000_000_000n;
  },
});
const { rows } = await sql<{ id: QuoteId; account_id: AccountId; wallet: string }>`
  select quotes.id, account_id, wallet from quotes join accounts on accounts.id = account_id order by quotes.id`.execute(
  database.db,
);
const outcomes = await Promise.allSettled(
  rows.map(async ({ id, account_id: accountId, wallet }) => {
    const reservation = await book(ctx, terms, { accountId, wallet }, id);
    process.stdout.write(`held ${reservation.id}\n`);
  }),
);
for (const outcome of outcomes) {
  if (outcome.status === "rejected" && outcome.reason?.code !== "quote-taken") throw outcome.reason;
}
await ctx.allocation.stop();
await database.close();
process.stdout.write("done\n");
