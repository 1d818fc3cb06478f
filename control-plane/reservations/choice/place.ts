import type { Demand } from "@ionet/protocol";
import { type Candidate, cheaper, type Limits, type Part } from "./candidate.ts";
import { largestNodes } from "./few-nodes.ts";
import { fromFewSuppliers } from "./few-suppliers.ts";

/**
 * The cheapest choice that is placed as asked; null when there is none.
 * `pack`: on as few nodes as can be, in one region if one has enough. `spread`: no supplier gives more than it must.
 * @param sorted candidates whose nodes reach each other, cheapest first
 */
export function place(
  sorted: readonly Candidate[],
  limits: Limits,
  placement: Demand["placement"],
): Part[] | null {
  if (placement === "pack") return pack(sorted, limits);
  if (placement === "spread") return spread(sorted, limits);
  return fromFewSuppliers(sorted, limits);
}

function pack(sorted: readonly Candidate[], limits: Limits): Part[] | null {
  const regions = Map.groupBy(sorted, ({ offer }) => offer.region);
  let best: Part[] | null = null;
  for (const candidates of regions.values()) {
    const parts = onFewestNodes(candidates, limits);
    if (parts === null) continue;
    if (best === null || parts.length < best.length) best = parts;
    else if (parts.length === best.length) best = cheaper(best, parts);
  }
  return best ?? onFewestNodes(sorted, limits);
}

/** The cheapest on the fewest nodes: the largest nodes say how few can do. */
function onFewestNodes(sorted: readonly Candidate[], limits: Limits): Part[] | null {
  for (let nodes = fewest(sorted, limits); nodes <= limits.maxNodes; nodes++) {
    const parts = fromFewSuppliers(sorted, { ...limits, maxNodes: nodes });
    if (parts !== null) return parts;
    if (limits.effort.left <= 0) return fromFewSuppliers(sorted, limits);
    // Without a limit of suppliers the first number is the one; with it the largest nodes may be of too many.
    if (limits.maxSuppliers >= nodes) return null;
  }
  return null;
}

function fewest(sorted: readonly Candidate[], limits: Limits): number {
  let low = Math.max(1, limits.minSuppliers);
  let high = limits.maxNodes + 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (largestNodes(sorted, { ...limits, maxNodes: middle }) === null) low = middle + 1;
    else high = middle;
  }
  return low;
}

function spread(sorted: readonly Candidate[], limits: Limits): Part[] | null {
  const suppliers = new Set(sorted.map(({ offer }) => offer.supplier)).size;
  const most = Math.min(suppliers, limits.maxSuppliers, limits.count);
  for (let share = Math.ceil(limits.count / Math.max(1, most)); share <= limits.count; share++) {
    const parts = fromFewSuppliers(sorted, { ...limits, maxOfSupplier: share });
    if (parts !== null) return parts;
    if (limits.effort.left <= 0) return fromFewSuppliers(sorted, limits);
  }
  return null;
}
