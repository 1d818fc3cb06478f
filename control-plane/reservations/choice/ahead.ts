import type { CoreSupplier } from "./core.ts";
import { oneOf, type ShadowPrices, valueOf } from "./shadow-prices.ts";

/**
 * What the nodes that are still to be looked at can give, and add at least to a choice: when the supplier that is looked at
 * is one of the chosen (`opened`), and when it is not yet (`closed`).
 */
export type Ahead = { gpus: number; largest: number; opened: number; closed: number };

const NOTHING: Ahead = { gpus: 0, largest: 0, opened: 0, closed: 0 };

/** What is ahead after each node, by supplier and node. */
export function aheadOf(core: readonly CoreSupplier[], prices: ShadowPrices): Ahead[][] {
  let after = NOTHING;
  const all: Ahead[][] = [];
  for (const { lots, value } of core.toReversed()) {
    const later = { ...after, opened: after.closed };
    const own = [later];
    let [sum, one] = [0, Number.POSITIVE_INFINITY];
    let { gpus, largest } = later;
    for (const lot of lots.toReversed()) {
      gpus += lot.size;
      largest = Math.max(largest, lot.size);
      const whole = valueOf(lot, prices);
      sum += Math.min(0, whole);
      one = Math.min(one, whole, oneOf(lot, prices));
      const least = Math.max(value, sum < 0 ? sum : one);
      after = {
        gpus,
        largest,
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
