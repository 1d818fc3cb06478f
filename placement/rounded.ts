import { type Assignment, byPrice, cheaper, keepsTo, type PlacementLimits } from "./candidate.ts";
import { type Market, suppliersIn } from "./market.ts";
import type { LagrangianBound } from "./shadow-prices.ts";
import { takeCheapest } from "./take-cheapest.ts";

/**
 * A choice that is made at once: of the suppliers that add least at the shadow prices the nodes that do, or the largest, as
 * far as suppliers still missing leave nodes for them; of those the cheapest GPUs. Null where that is no choice.
 */
export function rounded(
  market: Market,
  { prices, values }: LagrangianBound,
  limits: PlacementLimits,
): Assignment[] | null {
  const nodes = [...Array(suppliersIn(market)).keys()]
    .sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b)
    .slice(0, limits.maxSuppliers)
    .flatMap((s) => nodesOf(market, s).map((i) => ({ i, s })));
  const size = (i: number) => market.sizes[i] ?? 0;
  const adds = (i: number) => ((market.prices[i] ?? 0) - prices.gpu) * size(i) + prices.node;
  const byValue = nodes.toSorted((a, b) => adds(a.i) - adds(b.i));
  const bySize = nodes.toSorted((a, b) => size(b.i) - size(a.i) || adds(a.i) - adds(b.i));
  return [byValue, bySize].map((order) => ofFirst(market, order, limits)).reduce(cheaper, null);
}

const nodesOf = ({ starts }: Market, s: number): number[] => {
  const [first, end] = [starts[s] ?? 0, starts[s + 1] ?? 0];
  return Array.from({ length: end - first }, (_, at) => first + at);
};

function ofFirst(
  { candidates }: Market,
  order: readonly { i: number; s: number }[],
  limits: PlacementLimits,
): Assignment[] | null {
  const chosen: number[] = [];
  const suppliers = new Set<number>();
  for (const { i, s } of order) {
    const missing = Math.max(0, limits.minSuppliers - suppliers.size - (suppliers.has(s) ? 0 : 1));
    if (chosen.length + 1 + missing > limits.maxNodes) continue;
    suppliers.add(s);
    chosen.push(i);
  }
  const parts = takeCheapest(chosen.flatMap((i) => candidates[i] ?? []).sort(byPrice), limits);
  return parts !== null && keepsTo(parts, limits) ? parts : null;
}
