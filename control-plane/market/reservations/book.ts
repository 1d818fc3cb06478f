import {
  type Answer,
  MAX_LEASES_OF_ESCROW,
  makeId,
  Problem,
  problem,
  type QuoteId,
  type RequestId,
  type Reservation,
} from "@ionet/protocol";
import type { Context } from "../../platform/context.ts";
import type { Caller } from "../../platform/http/handlers.ts";
import type { Allocation } from "../../supply/inventory/allocation/allocation.ts";
import { gpuSetOf, NO_GPUS } from "../../supply/inventory/allocation/gpu-set.ts";
import type { Hold } from "../../supply/inventory/allocation/held-rows.ts";
import { forbiddenGpus, listBackfills } from "../../supply/inventory/backfill.ts";
import { BOOKED_START_SECONDS } from "../../supply/inventory/hirable.ts";
import { nodeNumbersOf } from "../../supply/inventory/hold-gpus.ts";
import { isOfferable, isReachable } from "../../supply/nodes/model.ts";
import { nodesByIds } from "../../supply/nodes/store.ts";
import { anew, type Booking, bookedBefore } from "./admit.ts";
import { termsOf } from "./currency.ts";
import { HOLD_SECONDS, type ReservationRecord } from "./model.ts";
import type { PaymentTerms } from "./payment-terms.ts";
import { planEscrows } from "./plan-escrows.ts";
import { findQuote, type QuoteRecord } from "./quote-store.ts";
import { reservationOfQuote } from "./store.ts";

/** What booking needs of the control plane: the writer of allocations besides. */
export type BookingContext = Pick<Context, "db" | "clock" | "random"> & { allocation: Allocation<Booking> };

/**
 * Takes a quote: holds all its GPUs for 90 s, or none; its leases are cut into escrows of at most so many. Who has taken
 * it already, and lost the answer, gets its own reservation again while that is held or funded. Throws
 * `not-found`, `quote-expired`, `quote-taken`, `invalid-request`, `wallet-holds-paused`, `wallet-cannot-pay`,
 * `currency-not-offered`, `chain-unavailable`, `unavailable`; then nothing is changed. `requestId`: for which waiting
 * request, whose own backfill reservations do not stand against it.
 */
export async function book(
  ctx: BookingContext,
  terms: PaymentTerms,
  caller: Pick<Caller, "accountId" | "wallet">,
  quoteId: QuoteId,
  leasesPerEscrow = MAX_LEASES_OF_ESCROW,
  requestId: RequestId | null = null,
): Promise<Answer<"book">> {
  try {
    return await take(ctx, terms, caller, quoteId, leasesPerEscrow, requestId);
  } catch (error) {
    if (!(error instanceof Problem) || !/^quote-(?:taken|expired)$/.test(error.code)) throw error;
    const before = await reservationOfQuote(ctx.db, quoteId);
    if (before === undefined) throw error;
    const stands = before.state === "held" || before.state === "funded";
    // A wallet that can't sign for so many leases at once must not be given such escrows.
    const fits = before.escrows.every(({ leaseCount }) => leaseCount <= leasesPerEscrow);
    if (stands && fits && before.accountId === caller.accountId) return toView(before);
    throw bookedBefore(quoteId);
  }
}

async function take(
  ctx: BookingContext,
  terms: PaymentTerms,
  caller: Pick<Caller, "accountId" | "wallet">,
  quoteId: QuoteId,
  leasesPerEscrow: number,
  requestId: RequestId | null,
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
  // No group waits for the chain. Holds that this wallet gains meanwhile are counted when the booking is admitted.
  const balance = (await terms.walletBalance(caller.wallet, mint)) ?? 0n;
  await checkNodesThere(ctx, quote);
  await checkPromises(ctx, quote, requestId);
  const record = await reservationOf(ctx, terms, caller, { quote, mint, leasesPerEscrow });
  const { currency } = quote.demand;
  const booking = { record, currency, decimals, balance, nowMs: ctx.clock.now() };
  const holds = await holdsOf(ctx, record);
  const hold = () =>
    ctx.allocation.hold(
      record.id,
      (held) => (holds.every(({ nodeNumber, gpus }) => held.isFree(nodeNumber, gpus)) ? holds : null),
      booking,
    );
  if ((await hold()) !== null) return toView(record);
  // What other steps have released is free once the writer has taken the marks away.
  await ctx.allocation.sweep();
  if ((await hold()) !== null) return toView(record);
  const detail = "a GPU of this quote was taken by somebody else a moment ago; nothing is held";
  throw problem("quote-taken", { detail, field: "quoteId", given: quoteId, next: anew });
}

/** The GPUs of a reservation as the writer of allocations names them. */
async function holdsOf(ctx: BookingContext, { leases }: ReservationRecord): Promise<Hold[]> {
  const nodeNumbers = await nodeNumbersOf(
    ctx.db,
    leases.map((lease) => lease.nodeId),
  );
  return leases.map(({ leaseId, nodeId, gpus }) => ({
    leaseId,
    nodeNumber: nodeNumbers.get(nodeId) ?? -1,
    gpus: gpuSetOf(gpus),
  }));
}

/** A node may have gone silent since the quote. */
async function checkNodesThere(ctx: BookingContext, quote: QuoteRecord): Promise<void> {
  const nodes = await nodesByIds(
    ctx,
    quote.leases.map((lease) => lease.nodeId),
  );
  const there = nodes.filter((node) => isReachable(node, ctx.clock.now()) && isOfferable(node));
  if (there.length === quote.leases.length) return;
  const detail = "a node of this quote is not for hire any more";
  throw problem("quote-taken", { detail, field: "quoteId", given: quote.id, next: anew });
}

/** A GPU may have been reserved since the quote to a request that waits for it; it would be free too late. */
async function checkPromises(
  ctx: Pick<Context, "db" | "clock">,
  { id, leases }: QuoteRecord,
  requestId: RequestId | null,
): Promise<void> {
  const backfills = await listBackfills(
    ctx.db,
    leases.map((lease) => lease.nodeId),
  );
  for (const { nodeId, gpus, maxSeconds } of leases) {
    const endsMs = ctx.clock.now() + (BOOKED_START_SECONDS + maxSeconds) * 1000;
    if ((forbiddenGpus(backfills, { nodeId, endsMs, requestId }) & gpuSetOf(gpus)) === NO_GPUS) continue;
    const detail = "a GPU of this quote has been reserved for a request that waits for it; nothing is held";
    throw problem("quote-taken", { detail, field: "quoteId", given: id, next: anew });
  }
}

async function reservationOf(
  ctx: BookingContext,
  terms: PaymentTerms,
  caller: Pick<Caller, "accountId" | "wallet">,
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
