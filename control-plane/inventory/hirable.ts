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
  if (!offer.bookable || durationSeconds < offer.minSeconds || durationSeconds > offer.maxSeconds)
    return false;
  if (offer.availableUntil === null) return true;
  return nowMs + (START_SECONDS + durationSeconds) * 1000 <= Date.parse(offer.availableUntil);
}
