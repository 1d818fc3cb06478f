import fc from "fast-check";
import { expect, test } from "vitest";
import { AllocationBook } from "./book.ts";
import { countOf, type GpuSet, gpuSetOf, indicesOf } from "./gpu-set.ts";

const all = (count: number): GpuSet => gpuSetOf(Array.from({ length: count }, (_, index) => index));
const lotsOf = (...nodes: [gpus: number, price: number][]) => {
  const book = new AllocationBook<null>();
  for (const [slot, [gpus, price]] of nodes.entries()) {
    book.offer(slot, [{ shelf: "a100", gpus: all(gpus), price: BigInt(price), terms: null }]);
  }
  return book;
};
const chosen = (book: AllocationBook<null>, count: number, not: number[] = []) =>
  book
    .cheapest("a100", count, (lot) => !not.includes(lot.slot))
    ?.map(({ lot, count }) => [lot.slot, count]) ?? null;

test("of equal price one node that is just large enough is taken, else the largest first", () => {
  const book = lotsOf([8, 5], [4, 5], [2, 5], [1, 5]);
  expect(chosen(book, 3)).toEqual([[1, 3]]);
  expect(chosen(book, 2)).toEqual([[2, 2]]);
  expect(chosen(book, 11)).toEqual([
    [0, 8],
    [1, 3],
  ]);
  expect(chosen(book, 15)).toHaveLength(4);
  expect(chosen(book, 16)).toBeNull();
  expect(chosen(book, 3, [1])).toEqual([[0, 3]]);
});

test("a cheaper level comes first, and again when its GPUs are free again", () => {
  const book = lotsOf([2, 5], [2, 4]);
  book.hold({ leaseId: "one", slot: 1, gpus: 3n });
  expect(chosen(book, 2)).toEqual([[0, 2]]);
  book.free("one");
  book.free("one");
  expect(chosen(book, 2)).toEqual([[1, 2]]);
});

test("what is held is not held again, and stays held when its node changes its offer", () => {
  const book = lotsOf([2, 5]);
  book.hold({ leaseId: "one", slot: 0, gpus: 1n });
  expect(() => book.hold({ leaseId: "two", slot: 0, gpus: 3n })).toThrow("held twice");
  book.offer(0, [{ shelf: "a100", gpus: 3n, price: 9n, terms: null }]);
  expect(chosen(book, 2)).toBeNull();
  expect(chosen(book, 1)).toEqual([[0, 1]]);
  book.offer(0, []);
  expect(chosen(book, 1)).toBeNull();
});

test("after any holds and releases the choice costs what the cheapest free GPUs cost, and they are free", () => {
  const node = fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 6 }));
  const step = fc.record({ count: fc.integer({ min: 1, max: 12 }), release: fc.nat() });
  fc.assert(
    fc.property(
      fc.array(node, { minLength: 1, maxLength: 12 }),
      fc.array(step, { maxLength: 30 }),
      (nodes, steps) => {
        const book = lotsOf(...nodes);
        const free = nodes.map(([gpus]) => new Set(indicesOf(all(gpus))));
        const leases: { leaseId: string; slot: number; gpus: GpuSet }[] = [];
        for (const [at, { count, release }] of steps.entries()) {
          const prices = nodes.flatMap(([, price], slot) => [...(free[slot] ?? [])].map(() => price));
          const cheapest = prices.toSorted((a, b) => a - b).slice(0, count);
          const shares = book.cheapest("a100", count, () => true);
          expect(shares === null).toBe(cheapest.length < count);
          const cost = (shares ?? []).reduce((sum, share) => sum + Number(share.lot.price) * share.count, 0);
          if (shares !== null) expect(cost).toBe(cheapest.reduce((sum, price) => sum + price, 0));
          for (const [index, { lot, count }] of (shares ?? []).entries()) {
            const gpus = book.freeGpusOf(lot, count);
            expect(countOf(gpus)).toBe(count);
            for (const gpu of indicesOf(gpus)) expect(free[lot.slot]?.delete(gpu)).toBe(true);
            const hold = { leaseId: `${at}.${index}`, slot: lot.slot, gpus };
            book.hold(hold);
            leases.push(hold);
          }
          const [gone] = leases.splice(release % Math.max(1, leases.length), release % 3 === 0 ? 1 : 0);
          if (gone === undefined) continue;
          book.free(gone.leaseId);
          for (const gpu of indicesOf(gone.gpus)) free[gone.slot]?.add(gpu);
        }
      },
    ),
  );
});
