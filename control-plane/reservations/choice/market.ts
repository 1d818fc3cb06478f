import type { Candidate, Limits } from "./candidate.ts";

/** A node of which a choice may take `size` GPUs at most, at `microUsd` a GPU-hour. */
export type Lot = { candidate: Candidate; size: number; microUsd: number };

/** What one supplier has, cheapest first. */
export type Supplier = readonly Lot[];

/**
 * The suppliers of these candidates with the nodes that can be of use: of one supplier and one size only the cheapest are,
 * as many as the limits let it give. Where no limit looks at suppliers, all nodes are as of one.
 * @param sorted candidates, cheapest first
 */
export function marketOf(sorted: readonly Candidate[], limits: Limits): Supplier[] {
  const most = Math.min(limits.count, limits.maxOfSupplier);
  const ofOne = limits.minSuppliers <= 1 && limits.maxSuppliers >= limits.count && most === limits.count;
  const suppliers = new Map<string, { lots: Lot[]; ofSize: number[] }>();
  for (const candidate of sorted) {
    const { supplier, gpusFree } = candidate.offer;
    const name = ofOne ? "" : supplier;
    let known = suppliers.get(name);
    if (known === undefined) {
      known = { lots: [], ofSize: [] };
      suppliers.set(name, known);
    }
    const size = Math.min(gpusFree, most);
    const before = known.ofSize[size] ?? 0;
    if (before >= Math.min(limits.maxNodes, Math.ceil(most / size))) continue;
    known.ofSize[size] = before + 1;
    known.lots.push({ candidate, size, microUsd: candidate.microUsd });
  }
  return [...suppliers.values()].map(({ lots }) => lots);
}

/** The dearest price per GPU-hour of a market, in micro-USD. */
export const dearestOf = (market: readonly Supplier[]): number =>
  market.reduce((most, lots) => Math.max(most, lots.at(-1)?.microUsd ?? 0), 0);
