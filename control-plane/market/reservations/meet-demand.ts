import {
  type CheapestOffers,
  choose,
  chooseEarly,
  type FreeOffer,
  type Share,
  suits,
} from "@ionet/placement";
import type { Demand, Problem, RequestId } from "@ionet/protocol";
import { type BackfillReservation, withoutBackfilled } from "../../supply/inventory/backfill.ts";
import { hirableFor, START_SECONDS } from "../../supply/inventory/hirable.ts";
import { explainShortage } from "./explain-shortage.ts";
import { budgetProblem } from "./limits.ts";

/** When a demand is met: what is reserved for whom by then, and for which request it is met (null: at once, for none). */
export type Meeting = {
  nowMs: number;
  backfills: readonly BackfillReservation[];
  requestId: RequestId | null;
};

/** What meets a demand; or why nothing does, which takes some time to find out. */
export type Met = { shares: Share[] } | { shares: null; explain: () => Problem };

/**
 * The cheapest GPUs of these offers that meet a demand, within its budget, hirable for so long, and not reserved to
 * somebody who waits for them. The demand's GPU model is a canonical one. Pure.
 */
export function meetDemand(offers: readonly FreeOffer[], demand: Demand, meeting: Meeting): Met {
  const priced = demand.interruptible === true ? offers.flatMap(interruptibly) : offers;
  const { allowed, hirable } = hirableOf(priced, demand, meeting);
  const shares = choose(hirable, demand);
  if (shares === null) {
    const kept = freeFor(allowed, demand) - freeFor(hirable, demand);
    return { shares, explain: () => explainShortage(hirable, demand, { all: priced, kept }) };
  }
  const over = budgetProblem(shares, demand);
  return over === null ? { shares } : { shares: null, explain: () => over };
}

/**
 * As meetDemand, of the cheapest of many offers, where they already decide what all of them would: null where they don't, and
 * all have to be looked at.
 */
export function meetEarly(
  { offers, beyond }: CheapestOffers,
  demand: Demand,
  meeting: Meeting,
): Share[] | null {
  // In order of another price.
  if (demand.interruptible === true) return null;
  const shares = chooseEarly({ offers: hirableOf(offers, demand, meeting).hirable, beyond }, demand);
  return shares === null || budgetProblem(shares, demand) !== null ? null : shares;
}

/** Offers whose terms allow the demand; and without the GPUs that are reserved for somebody else. */
function hirableOf(
  offers: readonly FreeOffer[],
  demand: Demand,
  { nowMs, backfills, requestId }: Meeting,
): { allowed: FreeOffer[]; hirable: FreeOffer[] } {
  const allowed = offers.filter(
    (offer) => hirableFor(offer, demand.durationSeconds, nowMs) && offer.currencies.includes(demand.currency),
  );
  const endsMs = nowMs + (START_SECONDS + demand.durationSeconds) * 1000;
  return { allowed, hirable: withoutBackfilled(allowed, backfills, { endsMs, requestId }) };
}

const freeFor = (offers: readonly FreeOffer[], demand: Demand): number =>
  offers.reduce((free, offer) => free + (suits(offer, demand) ? offer.gpusFree : 0), 0);

/** An offer at its interruptible price, where it has one. */
const interruptibly = (offer: FreeOffer): FreeOffer[] =>
  offer.interruptiblePriceMicroUsdPerGpuHour === null
    ? []
    : [{ ...offer, priceMicroUsdPerGpuHour: offer.interruptiblePriceMicroUsdPerGpuHour }];
