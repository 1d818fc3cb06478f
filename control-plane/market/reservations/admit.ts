import { formatUnits, type Problem, problem } from "@ionet/protocol";
import type { Db } from "../../platform/context.ts";
import { HOLD_SECONDS, holdsPausedUntil, type ReservationRecord } from "./model.ts";
import { heldRates, holdsForNothing, insertReservations } from "./store.ts";

/** What a wallet wants to hold, what it showed of the money for it, and when. */
export type Booking = {
  record: ReservationRecord;
  currency: string;
  decimals: number;
  balance: bigint;
  nowMs: number;
};

/** What to do about a quote that can't be booked. */
export const anew = "Ask for a new quote (POST /v1/quotes) and book it within its 60 s.";

/**
 * Writes the reservations of a group of bookings, and says why it writes which not (null: it does): a paused wallet,
 * one that does not show enough, a quote that was booked before. The writer of allocations calls it in the transaction in
 * which the GPUs are held, one group after the other: so nobody else adds to what a wallet holds meanwhile.
 */
export async function admitBookings(db: Db, bookings: readonly Booking[]): Promise<(Problem | null)[]> {
  const wallets = [...new Set(bookings.map(({ record }) => record.wallet))];
  const forNothing = await holdsForNothing(db, wallets);
  const held = await heldRates(db, wallets);
  const refusals = bookings.map((booking) => {
    const { wallet, mint } = booking.record;
    const untilMs = holdsPausedUntil(forNothing.get(wallet) ?? [], booking.nowMs);
    if (untilMs !== null) return holdsPaused(untilMs);
    const key = `${wallet} ${mint}`;
    const needed = (held.get(key) ?? 0n) + hourOf(booking.record);
    if (booking.balance < needed) return cannotPay(booking, needed);
    held.set(key, needed);
    return null;
  });
  const written = await insertReservations(
    db,
    bookings.filter((_, index) => refusals[index] === null),
  );
  return bookings.map(
    ({ record }, index) => refusals[index] ?? (written.has(record.id) ? null : bookedBefore(record.quoteId)),
  );
}

/** What a reservation costs an hour, in base units of its mint. */
const hourOf = (record: ReservationRecord): bigint =>
  record.leases.reduce((total, lease) => total + lease.ratePerHour, 0n);

export const bookedBefore = (quoteId: string): Problem =>
  problem("quote-taken", {
    detail: "this quote was booked before: a quote can be taken once",
    field: "quoteId",
    given: quoteId,
    next: anew,
  });

const holdsPaused = (untilMs: number): Problem =>
  problem("wallet-holds-paused", {
    detail: "the last 2 holds of this wallet were left to expire, or their escrows were refused",
    next: `Try again after ${new Date(untilMs).toISOString()}, and fund exactly the escrows that were agreed, within ${HOLD_SECONDS} s of booking.`,
  });

/** The wallet must show an hour's price of what it books, and of what it holds besides. */
function cannotPay({ record, currency, decimals, balance }: Booking, needed: bigint): Problem {
  const amount = (units: bigint) => formatUnits(units, decimals);
  return problem("wallet-cannot-pay", {
    detail: `wallet ${record.wallet} does not show an hour's price in ${currency}`,
    given: `${amount(balance)} ${currency} (mint ${record.mint})`,
    allowed: `at least ${amount(needed)} ${currency}; the escrow will need ${amount(record.deposit)}`,
    next: `Send ${currency} to the wallet, then book again. Is it the right network, and the right mint?`,
  });
}
