import type { Demand } from "@ionet/protocol";
import { type Assignment, type Candidate, costOf, keepsTo } from "./candidate.ts";
import { byReach, candidatesFor, limitsOf, mostEffort, type Share, sharesOf } from "./choose.ts";
import type { CheapestOffers } from "./free-offer.ts";
import { takeCheapest } from "./take-cheapest.ts";

/**
 * What would be chosen of all offers, where the cheapest of them already decide it, as they do for most demands; null when
 * they don't. Taking the cheapest first never looks beyond what it takes; what can't be joined to that may still turn out
 * cheaper, unless it could not if all it lacks came at the price of the next.
 */
export function chooseEarly({ offers, beyond }: CheapestOffers, demand: Demand): Share[] | null {
  if (demand.placement !== undefined) return null;
  const limits = limitsOf(demand, mostEffort());
  const whole: { parts: Assignment[]; candidates: Candidate[] }[] = [];
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
