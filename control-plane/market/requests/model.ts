import type {
  AccountId,
  Demand,
  QuoteId,
  RequestId,
  RequestState,
  ReservationId,
  WaitsFor,
} from "@ionet/protocol";

/** A demand that waits. Times are Unix ms. */
export type RequestRecord = {
  id: RequestId;
  accountId: AccountId;
  wallet: string;
  /** Its GPU model is a canonical one. */
  demand: Demand;
  leasesPerEscrow: number;
  waitUntilMs: number;
  state: RequestState;
  reason: string | null;
  createdAtMs: number;
  /** Its place in the queue: older ones are served first. */
  queuedAtMs: number;
  /** Holds of it that came to nothing. */
  lapses: number;
  /** The quote that is booked, or about to be booked, for it. */
  quoteId: QuoteId | null;
  reservationId: ReservationId | null;
  /** Not booked, nor reserved anything, before: its wallet was refused, or showed too little. */
  tryAfterMs: number;
  /** How often that was so, one time after the other. */
  refusals: number;
  /** When its wallet last showed an hour's price of it; null: not since it was refused. */
  fundsSeenAtMs: number | null;
  /** What was last told of its waiting, and when. */
  told: Told & { atMs: number | null };
};

/** Why a request waits, and where it stands. */
export type Told = { position: number | null; waitsFor: WaitsFor | null; earliestMs: number | null };

/**
 * Changes allowed. A request whose hold lapsed waits again once, at the end of the queue. A booking is seen by its
 * reservation alone, which may be funded or have ended before anybody looked.
 */
export const requestChanges: Readonly<Record<RequestState, readonly RequestState[]>> = {
  waiting: ["held", "expired", "cancelled"],
  held: ["waiting", "fulfilled", "expired", "cancelled"],
  fulfilled: [],
  expired: [],
  cancelled: [],
};

export const isOpen = (state: RequestState): boolean => requestChanges[state].length > 0;

/** So often may the hold of a request come to nothing, before it waits no longer. */
export const MAX_LAPSES = 2;
/** How many open requests an account may have. */
export const MAX_OPEN_REQUESTS = 20;
/** A request whose wallet was refused is tried again after this long, in ms, and stands before nobody meanwhile. */
export const RETRY_MS = 30_000;
/** It is twice as long after each further refusal, and this long at most. */
export const MOST_RETRY_MS = 3_600_000;
/** How long it counts that a wallet showed an hour's price, in ms: after that nothing is reserved for its requests. */
export const FUNDS_SEEN_MS = 300_000;
/** Wallets are looked at again after this long, in ms, */
export const LOOK_AT_FUNDS_MS = 60_000;
/** and so many in one round. */
export const LOOKED_AT_ONCE = 5;
/** What it waits for is told anew at most this often, in ms: finding it out takes time. */
export const TELL_MS = 10_000;
/** And to so many in one round: the others have their turn in the next ones. */
export const TOLD_AT_ONCE = 5;

/** Why a reservation was released whose request was cancelled. */
export const REQUEST_CANCELLED = "request-cancelled";

/** How long a request stands back that was refused so often, in ms. */
export const backoffMs = (refusals: number): number =>
  Math.min(MOST_RETRY_MS, RETRY_MS * 2 ** Math.max(0, refusals - 1));
