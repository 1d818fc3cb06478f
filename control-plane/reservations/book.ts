import {
  type Answer,
  formatUnits,
  MAX_LEASES_OF_ESCROW,
  makeId,
  problem,
  type QuoteId,
  type Reservation,
} from "@ionet/protocol";
import type { Context, Db } from "../context.ts";
import type { Caller } from "../http/handlers.ts";
import { holdGpus } from "../inventory/hold-gpus.ts";
import { isOfferable, isReachable } from "../nodes/model.ts";
import { nodesByIds } from "../nodes/store.ts";
import { termsOf } from "./currency.ts";
import { HOLD_SECONDS, HOLDS_FOR_NOTHING, holdsPausedUntil, type ReservationRecord } from "./model.ts";
import type { PaymentTerms } from "./payment-terms.ts";
import { planEscrows } from "./plan-escrows.ts";
import { findQuote, type QuoteRecord } from "./quote-store.ts";
import { heldRatePerHour, insertReservation, lastHoldsForNothing, lockWallet } from "./store.ts";

const anew = "Ask for a new quote (POST /v1/quotes) and book it within its 60 s.";

type Parts = Pick<Context, "db" | "clock" | "random">;

/**
 * Takes a quote: holds all its GPUs for 90 s, or none; its leases are cut into escrows of at most so many. Throws
 * `not-found`, `quote-expired`, `quote-taken`, `invalid-request`, `wallet-holds-paused`, `wallet-cannot-pay`,
 * `currency-not-offered`, `chain-unavailable`; then nothing is changed.
 */
export async function book(
  ctx: Parts,
  terms: PaymentTerms,
  caller: Caller,
  quoteId: QuoteId,
  leasesPerEscrow = MAX_LEASES_OF_ESCROW,
): Promise<Answer<"book">> {
  const quote = await findQuote(ctx.db, caller.accountId, quoteId);
  if (quote === undefined) {
    const detail = "this account has no such quote";
    throw problem("not-found", { detail, field: "quoteId", given: quoteId, next: anew });
  }
  if (quote.expiresAtMs <= ctx.clock.now()) {
    const detail = `the quote stood until ${new Date(quote.expiresAtMs).toISOString()}`;
    throw problem("quote-expired", { detail, field: "quoteId", given: quoteId, next: anew });
  }
  const { mint, decimals } = termsOf(terms, quote.demand);
  // Nothing waits for the chain inside the transaction. Holds that this wallet gains meanwhile are counted in there.
  const balance = (await terms.walletBalance(caller.wallet, mint)) ?? 0n;
  await checkNodesThere(ctx, quote);
  const record = await reservationOf(ctx, terms, caller, { quote, mint, leasesPerEscrow });
  await ctx.db.transaction().execute(async (db) => {
    const nowMs = ctx.clock.now();
    await lockWallet(db, caller.wallet);
    await checkHoldsNotPaused(db, caller.wallet, nowMs);
    await checkCanPay(db, caller.wallet, quote, { balance, mint, decimals });
    await hold(db, record, nowMs);
  });
  return toView(record);
}

/** Writes the reservation and holds its GPUs: run it in a transaction, so that it does everything or nothing. */
async function hold(db: Db, record: ReservationRecord, nowMs: number): Promise<void> {
  if (!(await insertReservation(db, record, nowMs))) {
    const detail = "this quote was booked before: a quote can be taken once";
    throw problem("quote-taken", { detail, field: "quoteId", given: record.quoteId, next: anew });
  }
  if (!(await holdGpus(db, record.id, record.leases))) {
    const detail = "a GPU of this quote was taken by somebody else a moment ago; nothing is held";
    throw problem("quote-taken", { detail, field: "quoteId", given: record.quoteId, next: anew });
  }
}

async function checkHoldsNotPaused(db: Db, wallet: string, nowMs: number): Promise<void> {
  const untilMs = holdsPausedUntil(await lastHoldsForNothing(db, wallet, HOLDS_FOR_NOTHING), nowMs);
  if (untilMs === null) return;
  throw problem("wallet-holds-paused", {
    detail: `the last ${HOLDS_FOR_NOTHING} holds of this wallet were left to expire, or their escrows were refused`,
    next: `Try again after ${new Date(untilMs).toISOString()}, and fund exactly the escrows that were agreed, within ${HOLD_SECONDS} s of booking.`,
  });
}

/** The wallet must show an hour's price of what it books, and of what it holds besides. Its holds must be locked. */
async function checkCanPay(
  db: Db,
  wallet: string,
  quote: QuoteRecord,
  { balance, mint, decimals }: { balance: bigint; mint: string; decimals: number },
): Promise<void> {
  const hour = quote.leases.reduce((total, lease) => total + lease.ratePerHour, 0n);
  const needed = hour + (await heldRatePerHour(db, wallet, mint));
  if (balance >= needed) return;
  const { currency } = quote.demand;
  throw problem("wallet-cannot-pay", {
    detail: `wallet ${wallet} does not show an hour's price in ${currency}`,
    given: `${formatUnits(balance, decimals)} ${currency} (mint ${mint})`,
    allowed: `at least ${formatUnits(needed, decimals)} ${currency}; the escrow will need ${formatUnits(quote.deposit, decimals)}`,
    next: `Send ${currency} to the wallet, then book again. Is it the right network, and the right mint?`,
  });
}

/** A node may have gone silent since the quote. */
async function checkNodesThere(ctx: Parts, quote: QuoteRecord): Promise<void> {
  const nodes = await nodesByIds(
    ctx,
    quote.leases.map((lease) => lease.nodeId),
  );
  const there = nodes.filter((node) => isReachable(node, ctx.clock.now()) && isOfferable(node));
  if (there.length === quote.leases.length) return;
  const detail = "a node of this quote is not for hire any more";
  throw problem("quote-taken", { detail, field: "quoteId", given: quote.id, next: anew });
}

async function reservationOf(
  ctx: Parts,
  terms: PaymentTerms,
  caller: Caller,
  { quote, mint, leasesPerEscrow }: { quote: QuoteRecord; mint: string; leasesPerEscrow: number },
): Promise<ReservationRecord> {
  const escrows = planEscrows(quote.leases, leasesPerEscrow).map(async (part) => {
    // 63 random bits: at most 19 digits on the wire, and no engineer meets the same number twice.
    const number = Buffer.from(ctx.random.bytes(8)).readBigUInt64LE() >> 1n;
    return { ...part, number, address: await terms.escrowAddress(caller.wallet, number) };
  });
  return {
    id: makeId("reservation", ctx.random.bytes(20)),
    accountId: caller.accountId,
    wallet: caller.wallet,
    quoteId: quote.id,
    clusterId: makeId("cluster", ctx.random.bytes(20)),
    state: "held",
    reason: null,
    expiresAtMs: ctx.clock.now() + HOLD_SECONDS * 1000,
    escrows: await Promise.all(escrows),
    mint,
    deposit: quote.deposit,
    feeBps: quote.feeBps,
    leases: quote.leases,
  };
}

/** A reservation as its engineer sees it. */
export const toView = (record: ReservationRecord): Reservation => ({
  id: record.id,
  quoteId: record.quoteId,
  clusterId: record.clusterId,
  state: record.state,
  reason: record.reason,
  leases: record.leases,
  escrows: record.escrows.map((escrow) => ({ ...escrow, mint: record.mint, feeBps: record.feeBps })),
  deposit: record.deposit,
  expiresAt: new Date(record.expiresAtMs).toISOString(),
});
