import type { Candidate, PlacementLimits } from "./candidate.ts";

/**
 * The nodes that a choice may be of, supplier by supplier, of each the cheapest first: what is at one index in all arrays is
 * of one node. Flat, because a bound on what a choice costs looks at all of them, some tens of times.
 */
export type Market = {
  readonly candidates: readonly Candidate[];
  /** The most GPUs that may be taken of each. */
  readonly sizes: Float64Array;
  /** Micro-USD per GPU-hour. */
  readonly prices: Float64Array;
  /** Where each supplier begins, and where the last ends. */
  readonly starts: readonly number[];
};

/** The market of these candidates, given supplier by supplier, of each the cheapest first. */
export function marketOf(suppliers: readonly (readonly Candidate[])[], most: number): Market {
  const candidates = suppliers.flat();
  let end = 0;
  return {
    candidates,
    sizes: Float64Array.from(candidates, ({ offer }) => Math.min(offer.gpusFree, most)),
    prices: Float64Array.from(candidates, ({ microUsd }) => microUsd),
    starts: [
      0,
      ...suppliers.map(({ length }) => {
        end += length;
        return end;
      }),
    ],
  };
}

export const suppliersIn = (market: Market): number => market.starts.length - 1;

/** The most GPUs that one supplier may give under these limits. */
export const mostOfOne = (limits: PlacementLimits): number => Math.min(limits.count, limits.maxOfSupplier);

/**
 * Suppliers with the nodes that can be of use: of one supplier and one size only the cheapest are, as many as the limits
 * let it give. Where no limit looks at suppliers, all nodes are as of one.
 * @param sorted candidates, cheapest first
 */
export function usefulOf(sorted: readonly Candidate[], limits: PlacementLimits): Candidate[][] {
  const most = mostOfOne(limits);
  const ofOne = limits.minSuppliers <= 1 && limits.maxSuppliers >= limits.count && most === limits.count;
  const suppliers: { useful: Candidate[]; ofSize: number[] }[] = [];
  for (const candidate of sorted) {
    const owner = ofOne ? 0 : candidate.owner;
    let known = suppliers[owner];
    if (known === undefined) {
      known = { useful: [], ofSize: [] };
      suppliers[owner] = known;
    }
    const size = Math.min(candidate.offer.gpusFree, most);
    const before = known.ofSize[size] ?? 0;
    if (before >= Math.min(limits.maxNodes, Math.ceil(most / size))) continue;
    known.ofSize[size] = before + 1;
    known.useful.push(candidate);
  }
  return suppliers.flatMap((known) => (known === undefined ? [] : [known.useful]));
}
