import fc from "fast-check";
import { expect, test } from "vitest";
import {
  countOf,
  type GpuSet,
  gpuSetOf,
  indicesOf,
} from "../../control-plane/supply/inventory/allocation/gpu-set.ts";
import { Shelves } from "./shelves.ts";

const all = (count: number): GpuSet => gpuSetOf(Array.from({ length: count }, (_, index) => index));
const shelvesOf = (...nodes: [gpus: number, price: number][]) => {
  const shelves = new Shelves();
  for (const [slot, [gpus, price]] of nodes.entries())
    shelves.add(slot, { model: "a100", gpus: all(gpus), price: BigInt(price) });
  return shelves;
};
const chosen = (shelves: Shelves, count: number) =>
  shelves.cheapest("a100", count)?.map(({ lot, count }) => [lot.slot, count]) ?? null;

test("of equal price one node that is just large enough is taken, else the largest first", () => {
  const shelves = shelvesOf([8, 5], [4, 5], [2, 5], [1, 5]);
  expect(chosen(shelves, 3)).toEqual([[1, 3]]);
  expect(chosen(shelves, 2)).toEqual([[2, 2]]);
  expect(chosen(shelves, 11)).toEqual([
    [0, 8],
    [1, 3],
  ]);
  expect(chosen(shelves, 15)).toHaveLength(4);
  expect(chosen(shelves, 16)).toBeNull();
});

test("a cheaper level comes first, and again when its GPUs are free again", () => {
  const shelves = shelvesOf([2, 5], [2, 4]);
  shelves.changed(1, 3n);
  expect(chosen(shelves, 2)).toEqual([[0, 2]]);
  shelves.changed(1, 0n);
  expect(chosen(shelves, 2)).toEqual([[1, 2]]);
});

test("after any holds and releases the choice costs what the cheapest free GPUs cost, and they are free", () => {
  const node = fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 6 }));
  const step = fc.record({ count: fc.integer({ min: 1, max: 12 }), release: fc.nat() });
  fc.assert(
    fc.property(
      fc.array(node, { minLength: 1, maxLength: 12 }),
      fc.array(step, { maxLength: 30 }),
      (nodes, steps) => {
        const shelves = shelvesOf(...nodes);
        const held = nodes.map(() => 0n);
        const taken: { slot: number; gpus: GpuSet }[] = [];
        for (const { count, release } of steps) {
          const prices = nodes.flatMap(([gpus, price], slot) =>
            Array.from({ length: gpus - countOf(held[slot] ?? 0n) }, () => price),
          );
          const cheapest = prices.toSorted((a, b) => a - b).slice(0, count);
          const shares = shelves.cheapest("a100", count);
          expect(shares === null).toBe(cheapest.length < count);
          const cost = (shares ?? []).reduce((sum, share) => sum + Number(share.lot.price) * share.count, 0);
          if (shares !== null) expect(cost).toBe(cheapest.reduce((sum, price) => sum + price, 0));
          for (const { lot, count } of shares ?? []) {
            const before = held[lot.slot] ?? 0n;
            const gpus = shelves.freeOf(lot, before, count);
            expect(indicesOf(gpus)).toHaveLength(count);
            expect(before & gpus).toBe(0n);
            held[lot.slot] = before | gpus;
            shelves.changed(lot.slot, before | gpus);
            taken.push({ slot: lot.slot, gpus });
          }
          const [gone] = taken.splice(release % Math.max(1, taken.length), release % 3 === 0 ? 1 : 0);
          if (gone === undefined) continue;
          held[gone.slot] = (held[gone.slot] ?? 0n) & ~gone.gpus;
          shelves.changed(gone.slot, held[gone.slot] ?? 0n);
        }
      },
    ),
  );
});
