import { type Market, suppliersIn } from "./market.ts";
import type { LagrangianBound } from "./shadow-prices.ts";

/** Places of nodes in a market, by the place of their supplier. */
export type Core = readonly { s: number; nodes: readonly number[] }[];

export const sizeOf = (core: Core): number => core.reduce((sum, { nodes }) => sum + nodes.length, 0);

/**
 * The part of a market that a choice below a cost can be of, as far as the shadow prices tell; and of that at most so many
 * nodes, those that add least, of one supplier no more than its share of them. The suppliers that are surest to be chosen
 * come first.
 */
export function coreOf(
  market: Market,
  relaxed: LagrangianBound,
  { below, nodes, suppliers }: { below: number; nodes: number; suppliers: number },
): Core {
  const worth = (s: number) => relaxed.values[s] ?? 0;
  const adds = whatEachAdds(market, relaxed);
  let bar = below - relaxed.bound;
  if (adds.length > 8 * nodes) bar = Math.min(bar, 1 + (adds.toSorted()[8 * nodes] ?? 0));
  let kept: { i: number; s: number; adds: number }[] = [];
  for (let s = 0; s < suppliersIn(market); s++) {
    for (let i = market.starts[s] ?? 0; i < (market.starts[s + 1] ?? 0); i++) {
      const own = adds[i] ?? 0;
      if (own < bar) kept.push({ i, s, adds: own });
    }
  }
  if (kept.length > nodes) {
    kept.sort((a, b) => a.adds - b.adds || worth(a.s) - worth(b.s) || a.i - b.i);
    const given = new Map<number, number>();
    const share = Math.ceil(nodes / suppliers);
    kept = kept.filter(({ s }) => {
      const had = given.get(s) ?? 0;
      given.set(s, had + 1);
      return had < share;
    });
    kept = kept.slice(0, nodes);
  }
  return [...Map.groupBy(kept, ({ s }) => s)]
    .map(([s, own]) => ({ s, nodes: own.map(({ i }) => i).sort((a, b) => a - b) }))
    .sort((a, b) => worth(a.s) - worth(b.s) || a.s - b.s);
}

/** By how much the bound rises, node by node, for choices that the node is of. */
function whatEachAdds(market: Market, { prices, values }: LagrangianBound): Float64Array {
  const adds = new Float64Array(market.candidates.length);
  for (let s = 0; s < suppliersIn(market); s++) {
    const value = values[s] ?? 0;
    const opening = Math.max(0, value + prices.supplier);
    for (let i = market.starts[s] ?? 0; i < (market.starts[s + 1] ?? 0); i++) {
      const perGpu = (market.prices[i] ?? 0) - prices.gpu;
      const alone = Math.min(perGpu, perGpu * (market.sizes[i] ?? 0)) + prices.node;
      adds[i] = opening + Math.max(0, alone - Math.max(0, value));
    }
  }
  return adds;
}
