import fc from "fast-check";
import { expect, test } from "vitest";
import {
  countOf,
  type GpuSet,
  gpuSetOf,
  indicesOf,
} from "../../control-plane/supply/inventory/allocation/gpu-set.ts";
import { ModelPriceLevels } from "./model-price-levels.ts";

const all = (count: number): GpuSet => gpuSetOf(Array.from({ length: count }, (_, index) => index));
const levelsOf = (...nodes: [gpus: number, price: number][]) => {
  const levels = new ModelPriceLevels();
  for (const [nodeNumber, [gpus, price]] of nodes.entries())
    levels.add(nodeNumber, { model: "a100", gpus: all(gpus), price: BigInt(price) });
  return levels;
};
const chosen = (levels: ModelPriceLevels, count: number) =>
  levels.cheapest("a100", count)?.map(({ lot, count }) => [lot.nodeNumber, count]) ?? null;

test("of equal price one node that is just large enough is taken, else the largest first", () => {
  const levels = levelsOf([8, 5], [4, 5], [2, 5], [1, 5]);
  expect(chosen(levels, 3)).toEqual([[1, 3]]);
  expect(chosen(levels, 2)).toEqual([[2, 2]]);
  expect(chosen(levels, 11)).toEqual([
    [0, 8],
    [1, 3],
  ]);
  expect(chosen(levels, 15)).toHaveLength(4);
  expect(chosen(levels, 16)).toBeNull();
});

test("a cheaper level comes first, and again when its GPUs are free again", () => {
  const levels = levelsOf([2, 5], [2, 4]);
  levels.changed(1, 3n);
  expect(chosen(levels, 2)).toEqual([[0, 2]]);
  levels.changed(1, 0n);
  expect(chosen(levels, 2)).toEqual([[1, 2]]);
});

test("after any holds and releases the choice costs what the cheapest free GPUs cost, and they are free", () => {
  const node = fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 6 }));
  const step = fc.record({ count: fc.integer({ min: 1, max: 12 }), release: fc.nat() });
  fc.assert(
    fc.property(
      fc.array(node, { minLength: 1, maxLength: 12 }),
      fc.array(step, { maxLength: 30 }),
      (nodes, steps) => {
        const levels = levelsOf(...nodes);
        const held = nodes.map(() => 0n);
        const taken: { nodeNumber: number; gpus: GpuSet }[] = [];
        for (const { count, release } of steps) {
          const prices = nodes.flatMap(([gpus, price], nodeNumber) =>
            Array.from({ length: gpus - countOf(held[nodeNumber] ?? 0n) }, () => price),
          );
          const cheapest = prices.toSorted((a, b) => a - b).slice(0, count);
          const shares = levels.cheapest("a100", count);
          expect(shares === null).toBe(cheapest.length < count);
          const cost = (shares ?? []).reduce((sum, share) => sum + Number(share.lot.price) * share.count, 0);
          if (shares !== null) expect(cost).toBe(cheapest.reduce((sum, price) => sum + price, 0));
          for (const { lot, count } of shares ?? []) {
            const before = held[lot.nodeNumber] ?? 0n;
            const gpus = levels.freeOf(lot, before, count);
            expect(indicesOf(gpus)).toHaveLength(count);
            expect(before & gpus).toBe(0n);
            held[lot.nodeNumber] = before | gpus;
            levels.changed(lot.nodeNumber, before | gpus);
            taken.push({ nodeNumber: lot.nodeNumber, gpus });
          }
          const [gone] = taken.splice(release % Math.max(1, taken.length), release % 3 === 0 ? 1 : 0);
          if (gone === undefined) continue;
          held[gone.nodeNumber] = (held[gone.nodeNumber] ?? 0n) & ~gone.gpus;
          levels.changed(gone.nodeNumber, held[gone.nodeNumber] ?? 0n);
        }
      },
    ),
  );
});
