import { type Candidate, keepsTo, type Limits, type Part } from "./candidate.ts";
import { coreOf } from "./core.ts";
import { dearestOf, marketOf } from "./market.ts";
import { search } from "./search.ts";
import { shadowPrices } from "./shadow-prices.ts";
import { takeCheapest } from "./take-cheapest.ts";

/** First a quick look for a good choice, which leaves less of the market to look at for a better one. */
const LOOKS = [
  { nodes: 600, width: 24 },
  { nodes: 2000, width: 4000 },
] as const;

/**
 * The cheapest choice that keeps to all limits; null when there is none. Exact, but where there are more ways than `effort`
 * lets it look at: then near to it (see search.ts).
 * @param sorted candidates, cheapest first
 */
export function cheapest(sorted: readonly Candidate[], limits: Limits): Part[] | null {
  const free = takeCheapest(sorted, limits);
  if (free === null || keepsTo(free, limits)) return free;
  const market = marketOf(sorted, limits);
  let below = dearestOf(market) * limits.count + 1;
  const relaxed = shadowPrices(market, limits, below);
  let best: Part[] | null = null;
  for (const look of LOOKS) {
    if (relaxed.bound > below - 0.99) break;
    const { prices } = relaxed;
    const core = coreOf(market, relaxed, { below, nodes: look.nodes, suppliers: limits.minSuppliers });
    const nodes = core.reduce((sum, { lots }) => sum + lots.length, 0);
    const width = Math.max(LOOKS[0].width, Math.min(look.width, Math.floor(limits.effort.left / (3 * nodes))));
    const found = search(core, limits, { prices, below, width });
    if (found === null) continue;
    best = found.parts;
    below = found.cost;
  }
  return best;
}
