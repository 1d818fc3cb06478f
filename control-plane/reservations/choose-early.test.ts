import { type Demand, makeId, microUsdPerGpuHour } from "@ionet/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { FreeOffer } from "../inventory/offers-of-node.ts";
import { testOffer } from "../inventory/test-offer.ts";
import { choose } from "./choose.ts";
import { cheapestOf, chooseEarly } from "./choose-early.ts";

const anyOffer = fc.record({
  gpusFree: fc.integer({ min: 0, max: 4 }),
  price: fc.integer({ min: 1, max: 6 }),
  supplier: fc.constantFrom("a", "b", "c", "d"),
  confinement: fc.constantFrom<FreeOffer["confinement"]>("loopback", "namespace", "namespace", "namespace"),
  country: fc.constantFrom("DE", "NO"),
});
const anyDemand = fc.record({
  gpuCount: fc.integer({ min: 1, max: 9 }),
  minSuppliers: fc.integer({ min: 1, max: 3 }),
  maxNodes: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  country: fc.option(fc.constantFrom("DE", "NO"), { nil: undefined }),
});

test("what the cheapest few decide is what all would", () => {
  let decided = 0;
  fc.assert(
    fc.property(
      fc.array(anyOffer, { minLength: 3, maxLength: 14 }),
      anyDemand,
      fc.integer({ min: 1, max: 8 }),
      (market, { maxNodes, country, ...wanted }, size) => {
        const offers = market
          .map(({ price, ...of }, n) =>
            testOffer({
              nodeId: makeId("node", new Uint8Array(20).fill(n)),
              priceMicroUsdPerGpuHour: microUsdPerGpuHour(BigInt(price)),
              ...of,
            }),
          )
          .sort((a, b) => Number(a.priceMicroUsdPerGpuHour - b.priceMicroUsdPerGpuHour));
        const demand: Demand = {
          ...{ gpuModel: "a100-40gb", durationSeconds: 3600, currency: "USDC" },
          ...wanted,
          ...(maxNodes === undefined ? {} : { maxNodes }),
          ...(country === undefined ? {} : { countries: [country] }),
        };
        for (const cheapest of cheapestOf(offers, [size])) {
          expect(cheapest.offers.length).toBeLessThan(offers.length);
          const early = chooseEarly(cheapest, demand);
          if (early === null) continue;
          decided++;
          expect(early).toEqual(choose(offers, demand));
        }
      },
    ),
    { numRuns: 3000 },
  );
  expect(decided).toBeGreaterThan(300);
});

const offersAt = (...prices: bigint[]) =>
  prices.map((price) => testOffer({ priceMicroUsdPerGpuHour: microUsdPerGpuHour(price) }));
const cut = (prices: bigint[], sizes: number[]) =>
  [...cheapestOf(offersAt(...prices), sizes)].map(({ offers, beyond }) => [offers.length, beyond]);

test("all of one price are in or none, and never all offers", () => {
  expect(cut([1n, 2n, 2n, 3n, 4n], [1, 2, 4])).toEqual([
    [1, 2n],
    [3, 3n],
    [4, 4n],
  ]);
  expect(cut([1n, 2n, 2n], [2])).toEqual([]);
});

test("offers in another order are not cut", () => {
  expect(cut([2n, 1n, 3n], [1])).toEqual([]);
});
