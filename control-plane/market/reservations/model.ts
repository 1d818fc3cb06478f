import {
  type AccountId,
  type BaseUnits,
  type ClusterId,
  type QuotedLease,
  type QuoteId,
  type ReservationId,
  type ReservationState,
  type ReservedEscrow,
  reservationStateSchema,
} from "@ionet/protocol";

/** A quote taken. Its GPUs are held until `expiresAtMs`; amounts in base units of `mint`. */
export type ReservationRecord = {
  id: ReservationId;
  accountId: AccountId;
  /** The engineer's wallet, which opens and funds the escrows. */
  wallet: string;
  quoteId: QuoteId;
  clusterId: ClusterId;
  state: ReservationState;
  reason: string | null;
  expiresAtMs: number;
  /** In the order of the leases that they pay; every lease is in exactly one. */
  escrows: EscrowPlan[];
  mint: string;
  /** Of all escrows together. */
  deposit: BaseUnits;
  feeBps: number;
  leases: QuotedLease[];
};

/** One of the escrows that are to be opened: of this reservation's mint and fee. */
export type EscrowPlan = Omit<ReservedEscrow, "mint" | "feeBps">;

/** Changes allowed: a hold is funded in time, or expires, or is released (refused escrow). Nothing leaves the others. */
const reservationChanges: Readonly<Record<ReservationState, readonly ReservationState[]>> = {
  held: ["funded", "expired", "released"],
  funded: [],
  expired: [],
  released: [],
};

/** The states that a reservation may leave for this one. */
export const statesBefore = (to: ReservationState): ReservationState[] =>
  reservationStateSchema.options.filter((from) => reservationChanges[from].includes(to));

/** How long a quote stands, in ms. It holds nothing. */
export const QUOTE_MS = 60_000;
/** How long a reservation holds its GPUs unfunded, in seconds. */
export const HOLD_SECONDS = 90;
/** Escrows of reservations that ended unfunded are looked for this long: late money goes back. */
export const LATE_ESCROW_MS = 24 * 3_600_000;
/** This many holds of one wallet that came to nothing within the pause stop it from holding more. */
export const HOLDS_FOR_NOTHING = 2;
/** How long such a wallet is paused, in ms, counted from the time its last such hold had. */
export const HOLDS_PAUSE_MS = 600_000;

/**
 * Until when a wallet may hold nothing new, given until when its last holds that came to nothing stood (Unix ms, newest first).
 * Null when it may. Two holds within ten minutes of each other pause it for ten minutes after the second.
 */
export function holdsPausedUntil(stoodUntilMs: readonly number[], nowMs: number): number | null {
  const last = stoodUntilMs[0];
  const earlier = stoodUntilMs[HOLDS_FOR_NOTHING - 1];
  if (last === undefined || earlier === undefined || last - earlier > HOLDS_PAUSE_MS) return null;
  const until = last + HOLDS_PAUSE_MS;
  return until > nowMs ? until : null;
}
