import type { Offer } from "@ionet/protocol";

/** From a quote to the first second of a lease: the quote's and the hold's time, the escrow, and forming. */
export const START_SECONDS = 300;
/** From a booking to the first second of a lease: the same, without the 60 s that the quote stood. */
export const BOOKED_START_SECONDS = 240;

/**
 * Whether an offer can be hired for this long from now on: its terms allow the duration, its window lasts until the
 * lease is over, and it is bookable here.
 */
export function hirableFor(
  offer: Pick<Offer, "bookable" | "minSeconds" | "maxSeconds" | "availableUntil">,
  durationSeconds: number,
  nowMs: number,
): boolean {
  if (!offer.bookable || durationSeconds < offer.minSeconds) return false;
  return durationSeconds <= longestSeconds(offer, nowMs);
}

/**
 * The most seconds that a lease quoted now may last by its supplier's terms: its longest, and until its window ends, the
 * time to start taken off. Below 1 where the window is as good as over.
 */
export function longestSeconds(offer: Pick<Offer, "maxSeconds" | "availableUntil">, nowMs: number): number {
  if (offer.availableUntil === null) return offer.maxSeconds;
  const windowSeconds = Math.floor((Date.parse(offer.availableUntil) - nowMs) / 1000);
  return Math.min(offer.maxSeconds, windowSeconds - START_SECONDS);
}
