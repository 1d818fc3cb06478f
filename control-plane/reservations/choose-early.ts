import type { Demand } from "@ionet/protocol";
import type { FreeOffer } from "../inventory/offers-of-node.ts";
import { type Candidate, costOf, keepsTo, type Part } from "./choice/candidate.ts";
import { takeCheapest } from "./choice/take-cheapest.ts";
import { byReach, candidatesFor, limitsOf, mostEffort, type Share, sharesOf } from "./choose.ts";

/** The cheapest of many offers, and what the next one costs, micro-USD per GPU-hour: none of the others costs less. */
export type Cheapest = { offers: readonly FreeOffer[]; beyond: bigint };

/**
 * The cheapest few of offers that come cheapest first, and then more of them, never all; nothing where they come in another
 * order. All of one price are in or none.
 */
export function* cheapestOf(offers: readonly FreeOffer[], sizes: readonly number[]): Generator<Cheapest> {
  if (sizes.every((size) => size >= offers.length) || !areCheapestFirst(offers)) return;
  for (const size of sizes) {
    let end = size;
    while (end < offers.length && priceAt(offers, end) === priceAt(offers, end - 1)) end++;
    if (end >= offers.length) return;
    yield { offers: offers.slice(0, end), beyond: priceAt(offers, end) };
  }
}

const priceAt = (offers: readonly FreeOffer[], at: number): bigint =>
  offers[at]?.priceMicroUsdPerGpuHour ?? 0n;

function areCheapestFirst(offers: readonly FreeOffer[]): boolean {
  let before = 0n;
  for (const { priceMicroUsdPerGpuHour } of offers) {
    if (priceMicroUsdPerGpuHour < before) return false;
    before = priceMicroUsdPerGpuHour;
  }
  return true;
}

/**
 * What would be chosen of all offers, where the cheapest of them already decide it, as they do for most demands; null when
 * they don't. Taking the cheapest first never looks beyond what it takes; what can't be joined to that may still turn out
 * cheaper, unless it could not if all it lacks came at the price of the next.
 */
export function chooseEarly({ offers, beyond }: Cheapest, demand: Demand): Share[] | null {
  if (demand.placement !== undefined) return null;
  const limits = limitsOf(demand, mostEffort());
  const whole: { parts: Part[]; candidates: Candidate[] }[] = [];
  let least = Number.POSITIVE_INFINITY;
  for (const group of byReach(offers).values()) {
    const candidates = candidatesFor(group, demand);
    const parts = takeCheapest(candidates, limits);
    if (parts === null) least = Math.min(least, leastCost(candidates, demand.gpuCount, Number(beyond)));
    else if (keepsTo(parts, limits)) whole.push({ parts, candidates });
    else return null;
  }
  const [only, other] = whole;
  // Two that are whole are compared where all are looked at.
  if (only === undefined || other !== undefined || costOf(only.parts) >= least) return null;
  return sharesOf(only.parts, only.candidates);
}

/** The least that so many GPUs could cost, of candidates that have too few, the rest at a price beyond. */
function leastCost(candidates: readonly Candidate[], count: number, beyond: number): number {
  let [cost, left] = [0, count];
  for (const { microUsd, offer } of candidates) {
    const take = Math.min(left, offer.gpusFree);
    cost += microUsd * take;
    left -= take;
  }
  return cost + beyond * left;
}
