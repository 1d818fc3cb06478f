import { seededRandom } from "@ionet/offer-index/testing";

/** Randomness that is the same in every run. */
export type Seeded = { below(limit: number): number; pick<Item>(items: readonly Item[]): Item };

export function seeded(seed: number): Seeded {
  const next = seededRandom(seed);
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    pick(items) {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError("nothing to pick from");
      return item;
    },
  };
}
