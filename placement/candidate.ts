import type { FreeOffer } from "./free-offer.ts";

/**
 * An offer that suits a demand. `microUsd`: its price per GPU-hour as choices compare it, a whole number far below 2⁵³ even
 * for all GPUs together; what is paid is worked out from the offer. `owner`: its supplier's number.
 */
export type Candidate = { offer: FreeOffer; microUsd: number; owner: number };

/** So many GPUs of a candidate. */
export type Assignment = { candidate: Candidate; count: number };

/** What a choice must keep to. `maxOfSupplier`: the most GPUs of one supplier. */
export type PlacementLimits = {
  count: number;
  minSuppliers: number;
  maxSuppliers: number;
  maxNodes: number;
  maxOfSupplier: number;
  effort: Effort;
};

/**
 * How many steps may still be taken, over all that is tried for one demand: each takes it down. Then the best so far is the
 * answer, for meanwhile nobody else is served.
 */
export type Effort = { left: number };

/** Offers as candidates, cheapest first; the same for the same offers in any order. */
export function candidatesOf(offers: readonly FreeOffer[]): Candidate[] {
  const candidates = offers.map((offer) => {
    const perGpuHour: bigint = offer.priceMicroUsdPerGpuHour;
    return { offer, microUsd: Number(perGpuHour), owner: 0 };
  });
  candidates.sort(byPrice);
  const owners = new Map<string, number>();
  for (const candidate of candidates) {
    const { supplier } = candidate.offer;
    candidate.owner = owners.get(supplier) ?? owners.size;
    owners.set(supplier, candidate.owner);
  }
  return candidates;
}

/** Micro-USD per hour. */
export const costOf = (parts: readonly Assignment[]): number =>
  parts.reduce((total, { candidate, count }) => total + candidate.microUsd * count, 0);

export const suppliersOf = (parts: readonly Assignment[]): number =>
  new Set(parts.map(({ candidate }) => candidate.offer.supplier)).size;

/** Whether a choice keeps to the limits that `takeCheapest` does not see. */
export const keepsTo = (parts: readonly Assignment[], limits: PlacementLimits): boolean =>
  parts.length <= limits.maxNodes && suppliersOf(parts) <= limits.maxSuppliers;

/** Of two choices, each of which may be missing, the cheaper; of equal price the one on fewer nodes, then the first. */
export function cheaper(a: Assignment[] | null, b: Assignment[] | null): Assignment[] | null {
  if (a === null || b === null) return a ?? b;
  const [costA, costB] = [costOf(a), costOf(b)];
  if (costA !== costB) return costA < costB ? a : b;
  return b.length < a.length ? b : a;
}

/** Cheapest first; of equal price the node with more free GPUs, so that a demand is spread only as far as it needs. */
export const byPrice = (a: Candidate, b: Candidate): number =>
  a.microUsd - b.microUsd ||
  b.offer.gpusFree - a.offer.gpusFree ||
  (a.offer.nodeId < b.offer.nodeId ? -1 : 1);
