import {
  type Assignment,
  type Candidate,
  cheaper,
  costOf,
  keepsTo,
  type PlacementLimits,
} from "./candidate.ts";
import { coreOf, sizeOf } from "./core.ts";
import { type Market, marketOf, mostOfOne, suppliersIn, usefulOf } from "./market.ts";
import type { Point } from "./polygon.ts";
import { rounded } from "./rounded.ts";
import { search } from "./search.ts";
import { type LagrangianBound, shadowPrices } from "./shadow-prices.ts";
import { takeCheapest } from "./take-cheapest.ts";

/** First a quick look for a good choice, which leaves less of the market to look at for a better one. */
const LOOKS = [
  { rounds: 32, nodes: 600, width: 24 },
  { rounds: 16, nodes: 2000, width: 4000 },
] as const;

/**
 * The cheapest choice that keeps to all limits; null when there is none. Exact, but where there are more ways than `effort`
 * lets it look at: then near to it (see search.ts).
 * @param sorted candidates, cheapest first
 */
export function cheapest(sorted: readonly Candidate[], asked: PlacementLimits): Assignment[] | null {
  // As many suppliers as nodes are no limit.
  const binds = asked.maxSuppliers < Math.min(asked.maxNodes, asked.count);
  const limits = { ...asked, maxSuppliers: binds ? asked.maxSuppliers : asked.count };
  const free = takeCheapest(sorted, limits);
  if (free === null || keepsTo(free, limits)) return free;
  const least = costOf(free);
  const most = mostOfOne(limits);
  let market = marketOf(usefulOf(sorted, limits), most);
  let below = (sorted.at(-1)?.microUsd ?? 0) * limits.count + 1;
  let best: Assignment[] | null = null;
  let region: readonly Point[] = [];
  for (const look of LOOKS) {
    const bounded = shadowPrices(market, limits, { enough: below, rounds: look.rounds, region });
    const { relaxed } = bounded;
    region = bounded.region;
    const start = cheaper(best, rounded(market, relaxed, limits));
    if (start !== null && costOf(start) < below) {
      best = start;
      below = costOf(start);
    }
    // Costs are whole numbers.
    if (Math.max(least, relaxed.bound) > below - 0.99) break;
    const wanted = 2 * Math.max(limits.minSuppliers, limits.count / most);
    const suppliers = Math.min(wanted, limits.maxSuppliers, suppliersIn(market));
    const core = coreOf(market, relaxed, { below, nodes: look.nodes, suppliers });
    // Each node makes two or three ways of one; half of the effort is left for what is tried after this.
    const width = Math.min(look.width, Math.floor(limits.effort.left / (6 * sizeOf(core))));
    const found = search(market, core, limits, { relaxed, below, width: Math.max(LEAST_WIDTH, width) });
    if (found !== null) {
      best = found.parts;
      below = found.cost;
    }
    market = smaller(market, relaxed, { below, most });
  }
  return best;
}

/** The part of a market that a choice below a cost can be of. */
function smaller(
  market: Market,
  relaxed: LagrangianBound,
  { below, most }: { below: number; most: number },
): Market {
  const { candidates } = market;
  const core = coreOf(market, relaxed, { below, nodes: candidates.length, suppliers: 1 });
  return marketOf(
    core.map(({ nodes }) => nodes.flatMap((i) => candidates[i] ?? [])),
    most,
  );
}

/** However little effort is left, so many ways go on: enough to find a good choice. */
const LEAST_WIDTH = 12;
