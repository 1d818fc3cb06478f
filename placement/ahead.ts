import type { Core } from "./core.ts";
import type { Market } from "./market.ts";
import type { LagrangianBound } from "./shadow-prices.ts";

/** What the nodes that are still to be looked at can give, and add at least to a choice at the shadow prices. */
export type Ahead = {
  gpus: number;
  /** GPUs of the largest node. */
  largest: number;
  /** With the supplier that is looked at, while it has nodes ahead. */
  suppliers: number;
  /** Of all, when the supplier that is looked at is not among the chosen yet. */
  closed: number;
  /** Of the suppliers after it. */
  later: number;
  /** Of it, when it is one of the chosen: of all its nodes ahead, and for each GPU of them. */
  own: number;
  ownPerGpu: number;
};

const NOTHING: Ahead = { gpus: 0, largest: 0, suppliers: 0, closed: 0, later: 0, own: 0, ownPerGpu: 0 };

/** What is ahead after each node of a core, by supplier and node. */
export function aheadOf(core: Core, market: Market, { prices, values }: LagrangianBound): Ahead[][] {
  let after = NOTHING;
  const all: Ahead[][] = [];
  for (const { s, nodes } of core.toReversed()) {
    const value = values[s] ?? 0;
    after = { ...after, later: after.closed, own: 0, ownPerGpu: 0 };
    const { suppliers, later } = after;
    const ofSupplier = [after];
    let [sum, one] = [0, Number.POSITIVE_INFINITY];
    for (const i of nodes.toReversed()) {
      const size = market.sizes[i] ?? 0;
      const perGpu = (market.prices[i] ?? 0) - prices.gpu;
      const whole = perGpu * size + prices.node;
      sum += Math.min(0, whole);
      one = Math.min(one, whole, perGpu + prices.node);
      const least = Math.max(value, sum < 0 ? sum : one);
      after = {
        gpus: after.gpus + size,
        largest: Math.max(after.largest, size),
        suppliers: suppliers + 1,
        closed: later + Math.min(0, least + prices.supplier),
        later,
        own: Math.max(sum, Math.min(0, value)),
        ownPerGpu: Math.min(after.ownPerGpu, whole / size),
      };
      ofSupplier.push(after);
    }
    // The last is what is ahead before the first node.
    all.push(ofSupplier.slice(0, -1).reverse());
  }
  return all.reverse();
}
