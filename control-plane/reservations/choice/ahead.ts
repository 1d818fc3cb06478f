import type { Core } from "./core.ts";
import type { Market } from "./market.ts";
import type { Relaxed } from "./shadow-prices.ts";

/**
 * What the nodes that are still to be looked at can give, and add at least to a choice: when the supplier that is looked at
 * is one of the chosen (`opened`), and when it is not yet (`closed`). `suppliers` counts it while it has nodes ahead.
 */
export type Ahead = { gpus: number; largest: number; suppliers: number; opened: number; closed: number };

const NOTHING: Ahead = { gpus: 0, largest: 0, suppliers: 0, opened: 0, closed: 0 };

/** What is ahead after each node of a core, by supplier and node. */
export function aheadOf(core: Core, market: Market, { prices, values }: Relaxed): Ahead[][] {
  let after = NOTHING;
  const all: Ahead[][] = [];
  for (const { s, nodes } of core.toReversed()) {
    const value = values[s] ?? 0;
    const later = { ...after, opened: after.closed };
    const own = [later];
    let [sum, one] = [0, Number.POSITIVE_INFINITY];
    let { gpus, largest } = later;
    for (const i of nodes.toReversed()) {
      const size = market.sizes[i] ?? 0;
      const perGpu = (market.prices[i] ?? 0) - prices.gpu;
      gpus += size;
      largest = Math.max(largest, size);
      sum += Math.min(0, perGpu * size + prices.node);
      one = Math.min(one, Math.min(perGpu, perGpu * size) + prices.node);
      const least = Math.max(value, sum < 0 ? sum : one);
      after = {
        gpus,
        largest,
        suppliers: later.suppliers + 1,
        opened: later.opened + Math.max(sum, Math.min(0, value)),
        closed: later.closed + Math.min(0, least + prices.supplier),
      };
      own.push(after);
    }
    // The last is what is ahead before the first node.
    all.push(own.slice(0, -1).reverse());
  }
  return all.reverse();
}
