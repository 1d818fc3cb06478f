import { type Demand, makeId, microUsdPerGpuHour } from "@ionet/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { FreeOffer } from "../../../supply/inventory/offers-of-node.ts";
import { testOffer } from "../../../supply/inventory/testing/offer.ts";
import { choose, type Share } from "../choose.ts";

/** One way to meet a demand: how many GPUs of each offer. */
type Taken = { offer: FreeOffer; count: number }[];

/** All ways to take so many GPUs that keep to the limits. */
function allWays(offers: readonly FreeOffer[], demand: Demand): Taken[] {
  const [first, ...others] = offers;
  const walk = (left: number, [next, ...rest]: readonly FreeOffer[]): Taken[] => {
    if (next === undefined) return left === 0 ? [[]] : [];
    return Array.from({ length: Math.min(left, next.gpusFree) + 1 }, (_, count) =>
      walk(left - count, rest).map((taken) => (count === 0 ? taken : [{ offer: next, count }, ...taken])),
    ).flat();
  };
  const ways = first === undefined ? [] : walk(demand.gpuCount, [first, ...others]);
  return ways.filter((taken) => {
    const suppliers = sharesOf(taken).length;
    return (
      taken.length <= (demand.maxNodes ?? 100) &&
      suppliers >= demand.minSuppliers &&
      suppliers <= (demand.maxSuppliers ?? 100)
    );
  });
}

const sharesOf = (taken: Taken): number[] =>
  [...Map.groupBy(taken, ({ offer }) => offer.supplier).values()].map((own) =>
    own.reduce((sum, { count }) => sum + count, 0),
  );
const costOf = (taken: Taken): number =>
  taken.reduce((sum, { offer, count }) => sum + Number(BigInt(count) * offer.priceMicroUsdPerGpuHour), 0);
const least = (ways: Taken[], of: (taken: Taken) => number): Taken[] => {
  const lowest = Math.min(...ways.map(of));
  return ways.filter((taken) => of(taken) === lowest);
};

/** What the best way costs, placed as asked; infinity when there is none. */
function byTrying(offers: readonly FreeOffer[], demand: Demand): number {
  let ways = allWays(offers, demand);
  if (demand.placement === "pack") {
    const inOne = ways.filter((taken) => new Set(taken.map(({ offer }) => offer.region)).size === 1);
    ways = least(inOne.length > 0 ? inOne : ways, (taken) => taken.length);
  }
  if (demand.placement === "spread") ways = least(ways, (taken) => Math.max(...sharesOf(taken)));
  return Math.min(Number.POSITIVE_INFINITY, ...ways.map(costOf));
}

const takenBy = (shares: readonly Share[]): Taken =>
  shares.map(({ offer, gpus }) => ({ offer, count: gpus.length }));

const market = fc
  .array(
    fc.record({
      supplier: fc.constantFrom("a", "b", "c"),
      price: fc.integer({ min: 1, max: 9 }),
      gpusFree: fc.integer({ min: 1, max: 4 }),
      country: fc.constantFrom("DE", "US"),
    }),
    { maxLength: 6 },
  )
  .map((rows) =>
    rows.map(({ price, ...row }, n) =>
      testOffer({
        ...row,
        nodeId: makeId("node", new Uint8Array(20).fill(n)),
        priceMicroUsdPerGpuHour: microUsdPerGpuHour(BigInt(price)),
      }),
    ),
  );
const limits = fc.record(
  {
    maxNodes: fc.integer({ min: 1, max: 4 }),
    maxSuppliers: fc.integer({ min: 1, max: 3 }),
    placement: fc.constantFrom("pack" as const, "spread" as const),
  },
  { requiredKeys: [] },
);
const demand = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 3 }), limits).map(
  ([gpuCount, minSuppliers, some]): Demand => ({
    ...{ gpuModel: "a100-40gb", durationSeconds: 3600, currency: "USDC", gpuCount, minSuppliers },
    ...some,
  }),
);

test("under all limits at once, and placed, no other choice is better, and where there is one it is found", () => {
  fc.assert(
    fc.property(market, demand, (offers, asked) => {
      const shares = choose(offers, asked);
      expect(shares === null ? Number.POSITIVE_INFINITY : costOf(takenBy(shares))).toBe(
        byTrying(offers, asked),
      );
    }),
    { numRuns: 1500 },
  );
});

test("under limits too the order in which offers come changes nothing", () => {
  fc.assert(
    fc.property(market, demand, (offers, asked) => {
      expect(choose([...offers].reverse(), asked)).toEqual(choose(offers, asked));
    }),
    { numRuns: 500 },
  );
});
