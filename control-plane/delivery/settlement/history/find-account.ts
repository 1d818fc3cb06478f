import type { ChainContext } from "../../../platform/context.ts";
import type { EscrowRecord } from "../../escrows/model.ts";
import { accountFor, accountFromOwn, type EscrowAccounting, type SettledEscrow } from "./account.ts";
import { historyOf, readPage, readTransactions } from "./history.ts";
import {
  announcedOf,
  cursorOf,
  forgetPages,
  type HistoryCursor,
  historyRead,
  keepPage,
} from "./history-store.ts";

/** Transactions of strangers that one round reads at most: anybody may name an escrow in thousands. */
export const PAGE = 100;

/**
 * What became of a closed escrow, as the chain's transactions show it; null while there is more of its history to
 * read, for the next round. Where the network's own transactions show everything, no others are looked at. `seconds`
 * are those that may have been paid for, the likeliest first. Throws ChainErrors, and when the history does not add up.
 */
export async function findAccount(
  ctx: Pick<ChainContext, "db" | "chain">,
  escrow: EscrowRecord,
  terms: Omit<SettledEscrow, "seconds">,
  seconds: readonly (readonly number[])[],
): Promise<EscrowAccounting | null> {
  const candidates = seconds.map((each) => ({ ...terms, seconds: each }));
  const cursor = await cursorOf(ctx.db, escrow.address);
  if (cursor === null) {
    const sent = await announcedOf(ctx.db, escrow.address);
    const own = historyOf(escrow.address, await readTransactions(ctx.chain, escrow, sent));
    for (const candidate of candidates) {
      const account = accountFromOwn(candidate, own);
      if (account !== null) return account;
    }
  }
  if (!cursor?.complete && !(await readsToTheEnd(ctx, escrow, cursor))) return null;
  const history = await historyRead(ctx.db, escrow.address);
  try {
    const accounts = candidates.map((candidate) => accountFor(candidate, history));
    return accounts.find((each) => each.proven) ?? accounts[0] ?? null;
  } catch (error) {
    // An endpoint that was behind may have left something out: the next try reads all of it again.
    await forgetPages(ctx.db, escrow.address);
    throw error;
  }
}

/** Reads and keeps one page more of an escrow's history; whether that was the last. */
async function readsToTheEnd(
  ctx: Pick<ChainContext, "db" | "chain">,
  escrow: EscrowRecord,
  cursor: HistoryCursor | null,
): Promise<boolean> {
  const page = await readPage(ctx.chain, escrow, { before: cursor?.before ?? null, limit: PAGE });
  await keepPage(ctx.db, escrow.address, cursor, page);
  return page.before === null;
}
