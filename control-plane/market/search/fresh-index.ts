import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import { OfferIndex, offerId } from "@ionet/offer-index";
import { gpuModel, type Offer } from "@ionet/protocol";
import type { Context } from "../../platform/context.ts";

/** An index and when what it holds was read. */
export type DatedIndex = { index: OfferIndex; asOfMs: number };

/** Offers read longer ago than this are read again before a search is answered; so few are read for each. */
const FRESH_MS = 1000;
const FEW_OFFERS = 1000;
/** The longest that a search waits for that. What it shows then is older, and says so. */
const WAIT_MS = 500;

/**
 * Keeps an index of the offers in the database, by need: nobody searches, nothing is read. Each reading compares all
 * offers with the index and changes what differs, so nothing is missed whatever happened in between, and the first
 * reading is no other than the hundredth. One reading at a time, for however many searches.
 */
export function createFreshIndex(
  clock: Context["clock"],
  read: () => Promise<readonly Offer[]>,
): () => Promise<DatedIndex> {
  const index = new OfferIndex();
  let asOfMs: number | null = null;
  let reading: Promise<void> | null = null;

  async function refresh(): Promise<void> {
    const atMs = clock.now();
    await applyOffers(index, await read());
    asOfMs = atMs;
  }

  return async () => {
    const freshMs = index.size <= FEW_OFFERS ? 0 : FRESH_MS;
    if (asOfMs !== null && clock.now() - asOfMs < freshMs) return { index, asOfMs };
    reading ??= refresh().finally(() => {
      reading = null;
    });
    if (asOfMs === null) await reading;
    else await Promise.race([reading, pause(WAIT_MS, undefined, { ref: false })]);
    if (asOfMs === null) throw new Error("invariant broken: the offers were read and have no date");
    return { index, asOfMs };
  };
}

/** So many offers are compared before others get their turn: some milliseconds. */
const SLICE = 1000;

/**
 * GPU models in the index at most that no catalogue knows. An agent may call a GPU anything, and each name takes room; what
 * is beyond can be quoted by its name, and is not found.
 */
const MOST_STRANGE_MODELS = 200;

/** Makes the index hold these offers and no others. Searches between two slices see each offer as it was or as it is. */
export async function applyOffers(index: OfferIndex, offers: readonly Offer[]): Promise<void> {
  const seen = new Set<string>();
  const strange = new Set<string>();
  for (const [i, offer] of offers.entries()) {
    if (gpuModel(offer.gpuModel) === undefined && !strange.has(offer.gpuModel)) {
      if (strange.size >= MOST_STRANGE_MODELS) continue;
      strange.add(offer.gpuModel);
    }
    const id = offerId(offer);
    seen.add(id);
    if (index.offerWith(id) !== offer) index.put(offer);
    if (i % SLICE === SLICE - 1) await nextTurn();
  }
  for (const id of [...index.ids()]) {
    if (!seen.has(id)) index.remove(id);
  }
  index.settle();
}
