import type { Lot, Supplier } from "./market.ts";
import { oneOf, type Relaxed, valueOf } from "./shadow-prices.ts";

/** A supplier and its nodes that are looked at; `value`: what it adds at least when it is one of the chosen. */
export type CoreSupplier = { lots: Supplier; value: number };

/**
 * The part of a market that a choice below a cost can be of, as far as the shadow prices tell; and of that at most so many
 * nodes, those that add least, no supplier more than its share of them. The suppliers that are surest to be chosen come
 * first.
 */
export function coreOf(
  market: readonly Supplier[],
  { bound, prices, values }: Relaxed,
  { below, nodes, suppliers }: { below: number; nodes: number; suppliers: number },
): CoreSupplier[] {
  const slack = below - bound;
  const useful: { lot: Lot; s: number; value: number; adds: number }[] = [];
  for (const [s, lots] of market.entries()) {
    const value = values[s] ?? 0;
    const opening = Math.max(0, value + prices.supplier);
    if (opening >= slack) continue;
    const own = lots
      .map((lot) => {
        const alone = Math.min(valueOf(lot, prices), oneOf(lot, prices));
        return { lot, s, value, adds: opening + Math.max(0, alone - Math.max(0, value)) };
      })
      .filter(({ adds }) => adds < slack);
    const share = Math.ceil(nodes / suppliers);
    useful.push(...(own.length <= share ? own : own.sort((a, b) => a.adds - b.adds).slice(0, share)));
  }
  const surest = (a: { value: number; s: number }, b: { value: number; s: number }) =>
    a.value - b.value || a.s - b.s;
  const kept =
    useful.length <= nodes
      ? useful
      : useful.sort((a, b) => a.adds - b.adds || surest(a, b)).slice(0, nodes);
  return [...Map.groupBy(kept, ({ s }) => s)]
    .map(([s, own]) => ({
      s,
      value: values[s] ?? 0,
      lots: own.map(({ lot }) => lot).sort((a, b) => a.microUsd - b.microUsd),
    }))
    .sort(surest);
}
