import {
  byPrice,
  bySize,
  type Candidate,
  cheaper,
  keepsTo,
  type Limits,
  type Part,
  suppliersOf,
} from "./candidate.ts";
import { exchange } from "./exchange.ts";
import { takeCheapest } from "./take-cheapest.ts";
import { wholeNodes } from "./whole-nodes.ts";

/**
 * The cheapest choice on at most `maxNodes` nodes, as if any number of suppliers would do at most. Null when there is
 * none. Exact where the limit of nodes does not bind, or where the demand names no suppliers and is not too large for the
 * table of `wholeNodes`; else the best of several that are then bettered node by node.
 * @param sorted candidates, cheapest first
 */
export function onFewNodes(sorted: readonly Candidate[], limits: Limits): Part[] | null {
  const free = takeCheapest(sorted, limits);
  if (free === null || free.length <= limits.maxNodes) return free;
  const whole = limits.maxOfSupplier >= limits.count ? wholeNodes(sorted, limits) : null;
  const anySuppliers = { ...limits, maxSuppliers: Number.POSITIVE_INFINITY };
  if (whole !== null && suppliersOf(whole) >= limits.minSuppliers) return whole;
  const start = [largerNodes(sorted, anySuppliers), largestNodes(sorted, anySuppliers)].reduce(cheaper, null);
  return start === null ? null : exchange(start, sorted, anySuppliers);
}

/** Leaves small nodes out, size by size, until the cheapest of the others are few enough. */
function largerNodes(sorted: readonly Candidate[], limits: Limits): Part[] | null {
  const sizes = [...new Set(sorted.map(({ offer }) => offer.gpusFree))].sort((a, b) => a - b);
  let best: Part[] | null = null;
  for (const size of sizes) {
    const parts = takeCheapest(
      sorted.filter(({ offer }) => offer.gpusFree >= size),
      limits,
    );
    if (parts === null) break;
    if (keepsTo(parts, limits)) best = cheaper(best, parts);
  }
  return best;
}

/** The way to the most GPUs on so many nodes: largest first, as far as suppliers still missing leave nodes for them. */
export function largestNodes(candidates: readonly Candidate[], limits: Limits): Part[] | null {
  const chosen: Candidate[] = [];
  const suppliers = new Set<string>();
  for (const candidate of candidates.toSorted(bySize)) {
    const { supplier } = candidate.offer;
    const missing = Math.max(0, limits.minSuppliers - suppliers.size - (suppliers.has(supplier) ? 0 : 1));
    if (chosen.length === limits.maxNodes || chosen.length + 1 + missing > limits.maxNodes) continue;
    suppliers.add(supplier);
    chosen.push(candidate);
  }
  return takeCheapest(chosen.sort(byPrice), limits);
}
