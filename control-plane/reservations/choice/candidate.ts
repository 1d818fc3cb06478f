import type { FreeOffer } from "../../inventory/offers-of-node.ts";

/** An offer that suits a demand; its price is what this demand pays. Micro-USD per GPU-hour. */
export type Candidate = { offer: FreeOffer; price: bigint };

/** So many GPUs of a candidate. */
export type Part = { candidate: Candidate; count: number };

/** What a choice must keep to. `maxOfSupplier`: the most GPUs of one supplier. */
export type Limits = {
  count: number;
  minSuppliers: number;
  maxSuppliers: number;
  maxNodes: number;
  maxOfSupplier: number;
  effort: Effort;
};

/**
 * How many candidates may still be looked at, over all that is tried for one demand: each look takes it down. Then the best
 * so far is the answer, for meanwhile nobody else is served.
 */
export type Effort = { left: number };

/** Micro-USD per hour. */
export const costOf = (parts: readonly Part[]): bigint =>
  parts.reduce((total, { candidate, count }) => total + candidate.price * BigInt(count), 0n);

export const suppliersOf = (parts: readonly Part[]): number =>
  new Set(parts.map(({ candidate }) => candidate.offer.supplier)).size;

/** Whether a choice keeps to the limits that `takeCheapest` does not see. */
export const keepsTo = (parts: readonly Part[], limits: Limits): boolean =>
  parts.length <= limits.maxNodes && suppliersOf(parts) <= limits.maxSuppliers;

/** Of two choices, each of which may be missing, the cheaper; of equal price the one on fewer nodes, then the first. */
export function cheaper(a: Part[] | null, b: Part[] | null): Part[] | null {
  if (a === null || b === null) return a ?? b;
  const [costA, costB] = [costOf(a), costOf(b)];
  if (costA !== costB) return costA < costB ? a : b;
  return b.length < a.length ? b : a;
}

const compare = <Value extends bigint | string>(a: Value, b: Value): number => (a === b ? 0 : a < b ? -1 : 1);

/** Cheapest first; of equal price the node with more free GPUs, so that a demand is spread only as far as it needs. */
export const byPrice = (a: Candidate, b: Candidate): number =>
  compare(a.price, b.price) || b.offer.gpusFree - a.offer.gpusFree || compare(a.offer.nodeId, b.offer.nodeId);

export const bySize = (a: Candidate, b: Candidate): number =>
  b.offer.gpusFree - a.offer.gpusFree || byPrice(a, b);
