import type { Assignment, Candidate, PlacementLimits } from "./candidate.ts";

/**
 * Takes GPUs of candidates that are sorted by price, each unless it would leave too few to reach `minSuppliers` or is
 * one too many of its supplier. Null when there are not enough.
 *
 * This is the cheapest whole: sets of so many GPUs under both rules are the bases of a matroid. For when one GPU of such a
 * set is given back, another such set always has one that can take its place: of a supplier that gives more there, or, when
 * suppliers are short, of one that is not among the chosen. Limits of nodes and suppliers are not looked at.
 */
export function takeCheapest(sorted: readonly Candidate[], limits: PlacementLimits): Assignment[] | null {
  const { count, minSuppliers, maxOfSupplier, effort } = limits;
  const parts: Assignment[] = [];
  const ofSupplier = new Map<string, number>();
  let left = count;
  for (const candidate of sorted) {
    effort.left--;
    const { supplier, gpusFree } = candidate.offer;
    const had = ofSupplier.get(supplier) ?? 0;
    // GPUs that are kept for suppliers still missing, when this one has been counted.
    const missing = Math.max(0, minSuppliers - ofSupplier.size - (had === 0 ? 1 : 0));
    const take = Math.min(gpusFree, maxOfSupplier - had, left - missing);
    if (take <= 0) continue;
    parts.push({ candidate, count: take });
    ofSupplier.set(supplier, had + take);
    left -= take;
    if (left === 0) return ofSupplier.size >= minSuppliers ? parts : null;
  }
  return null;
}
