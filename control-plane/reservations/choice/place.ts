import type { Demand } from "@ionet/protocol";
import { type Candidate, cheaper, type Limits, type Part } from "./candidate.ts";
import { cheapest } from "./cheapest.ts";

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
  return cheapest(sorted, limits);
}

function pack(sorted: readonly Candidate[], limits: Limits): Part[] | null {
  const regions = Map.groupBy(sorted, ({ offer }) => offer.region);
  let best: Part[] | null = null;
  for (const candidates of regions.values()) {
    const parts = onFewestNodes(candidates, { ...limits, maxNodes: best?.length ?? limits.maxNodes });
    if (parts === null) continue;
    if (best === null || parts.length < best.length) best = parts;
    else if (parts.length === best.length) best = cheaper(best, parts);
  }
  return best ?? onFewestNodes(sorted, limits);
}

/** The cheapest on the fewest nodes: the largest nodes say how few can do at least. */
function onFewestNodes(sorted: readonly Candidate[], limits: Limits): Part[] | null {
  const sizes = sorted.map(({ offer }) => offer.gpusFree).sort((a, b) => b - a);
  let fewest = 0;
  for (let free = 0; free < limits.count; fewest++) {
    if (fewest >= sizes.length) return null;
    free += sizes[fewest] ?? 0;
  }
  const least = Math.max(fewest, limits.minSuppliers);
  return atLeast(least, limits.maxNodes, (maxNodes) => cheapest(sorted, { ...limits, maxNodes }));
}

/** The cheapest of which no supplier gives more than it must: the largest suppliers say how much that is at least. */
function spread(sorted: readonly Candidate[], limits: Limits): Part[] | null {
  const free = new Map<string, number>();
  for (const { offer } of sorted)
    free.set(offer.supplier, (free.get(offer.supplier) ?? 0) + offer.gpusFree);
  const largest = [...free.values()].sort((a, b) => b - a).slice(0, limits.maxSuppliers);
  const given = (share: number) => largest.reduce((sum, gpus) => sum + Math.min(gpus, share), 0);
  let least = Math.ceil(limits.count / Math.max(1, largest.length));
  while (least <= limits.count && given(least) < limits.count) least++;
  return atLeast(least, limits.count, (maxOfSupplier) => cheapest(sorted, { ...limits, maxOfSupplier }));
}

/**
 * What is found at the least number at which anything is; where something is at one, something is at every greater. Goes up
 * in steps that double, then halves the way back.
 */
function atLeast<Found>(least: number, most: number, find: (at: number) => Found | null): Found | null {
  let [nothing, at] = [least - 1, least];
  let found: Found | null = null;
  for (let step = 1; at <= most && found === null; step *= 2) {
    found = find(at);
    if (found !== null) break;
    if (at === most) return null;
    nothing = at;
    at = Math.min(most, at + step);
  }
  while (found !== null && at - nothing > 1) {
    const middle = (nothing + at) >>> 1;
    const sooner = find(middle);
    if (sooner === null) nothing = middle;
    else [at, found] = [middle, sooner];
  }
  return found;
}
