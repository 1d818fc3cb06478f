import type { Demand } from "@ionet/protocol";
import { type Assignment, type Candidate, cheaper, type Effort, type PlacementLimits } from "./candidate.ts";
import { cheapest } from "./cheapest.ts";
import { mayGive } from "./most-gpus.ts";

/**
 * The cheapest choice that is placed as asked; null when there is none.
 * `pack`: on as few nodes as can be, in one region if one has enough. `spread`: no supplier gives more than it must.
 * @param sorted candidates whose nodes reach each other, cheapest first
 */
export function place(
  sorted: readonly Candidate[],
  limits: PlacementLimits,
  placement: Demand["placement"],
): Assignment[] | null {
  if (placement === "pack") return pack(sorted, limits);
  if (placement === "spread") return spread(sorted, limits);
  return cheapest(sorted, limits);
}

function pack(sorted: readonly Candidate[], limits: PlacementLimits): Assignment[] | null {
  const regions = Map.groupBy(sorted, ({ offer }) => offer.region);
  let best: Assignment[] | null = null;
  for (const candidates of regions.values()) {
    const parts = onFewestNodes(candidates, { ...limits, maxNodes: best?.length ?? limits.maxNodes });
    if (parts === null) continue;
    if (best === null || parts.length < best.length) best = parts;
    else if (parts.length === best.length) best = cheaper(best, parts);
  }
  return best ?? onFewestNodes(sorted, limits);
}

/** The cheapest on the fewest nodes. */
function onFewestNodes(sorted: readonly Candidate[], limits: PlacementLimits): Assignment[] | null {
  const may = mayGive(sorted);
  return atLeast(Math.max(1, limits.minSuppliers), limits.maxNodes, {
    effort: limits.effort,
    may: (maxNodes) => may({ ...limits, maxNodes }),
    find: (maxNodes) => cheapest(sorted, { ...limits, maxNodes }),
  });
}

/** The cheapest of which no supplier gives more than it must. */
function spread(sorted: readonly Candidate[], limits: PlacementLimits): Assignment[] | null {
  const may = mayGive(sorted);
  return atLeast(1, limits.count, {
    effort: limits.effort,
    may: (maxOfSupplier) => may({ ...limits, maxOfSupplier }),
    find: (maxOfSupplier) => cheapest(sorted, { ...limits, maxOfSupplier }),
  });
}

/**
 * What is found at the least number at which anything is; where something is at one, something is at every greater. `may`
 * says quickly where nothing can be. From there on in steps that double, then half the way back each time; when no effort
 * is left, what is found at all.
 */
function atLeast(
  least: number,
  most: number,
  how: { effort: Effort; may: (at: number) => boolean; find: (at: number) => Assignment[] | null },
): Assignment[] | null {
  let [low, high] = [least, most + 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (how.may(middle)) high = middle;
    else low = middle + 1;
  }
  let nothing = low - 1;
  for (let step = 1; nothing < most; step *= 2) {
    let at = how.effort.left > 0 ? Math.min(nothing + step, most) : most;
    let found = how.find(at);
    if (found === null) {
      nothing = at;
      continue;
    }
    while (at - nothing > 1 && how.effort.left > 0) {
      const middle = (nothing + at) >>> 1;
      const sooner = how.find(middle);
      if (sooner === null) nothing = middle;
      else [at, found] = [middle, sooner];
    }
    return found;
  }
  return null;
}
