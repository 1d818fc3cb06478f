import { type Demand, makeId, microUsdPerGpuHour } from "@ionet/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { choose } from "./choose.ts";
import { chooseEarly } from "./choose-early.ts";
import type { FreeOffer } from "./free-offer.ts";
import { testOffer } from "./testing/offer.ts";

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
        const priceAt = (n: number) => offers[n]?.priceMicroUsdPerGpuHour;
        let end = Math.min(size, offers.length);
        while (end < offers.length && priceAt(end) === priceAt(end - 1)) end++;
        const beyond = priceAt(end);
        if (beyond === undefined) return;
        const early = chooseEarly({ offers: offers.slice(0, end), beyond }, demand);
        if (early === null) return;
        decided++;
        expect(early).toEqual(choose(offers, demand));
      },
    ),
    { numRuns: 3000 },
  );
  expect(decided).toBeGreaterThan(300);
});

test("what can't be joined to the cheapest may still be as cheap with one GPU beyond: then all are looked at", () => {
  const offers = (
    [
      ["a", 1, "namespace"],
      ["b", 3, "loopback"],
      ["c", 3, "loopback"],
      ["d", 5, "namespace"],
    ] as const
  ).map(([supplier, price, confinement], n) =>
    testOffer({
      ...{ supplier, confinement, nodeId: makeId("node", new Uint8Array(20).fill(n)) },
      priceMicroUsdPerGpuHour: microUsdPerGpuHour(BigInt(price)),
    }),
  );
  const demand = { gpuModel: "a100-40gb", gpuCount: 2, durationSeconds: 3600, minSuppliers: 1 } as const;
  const wanted: Demand = { ...demand, currency: "USDC" };
  expect(chooseEarly({ offers: offers.slice(0, 3), beyond: 5n }, wanted)).toBeNull();
  expect(choose(offers, wanted)?.map(({ offer }) => offer.supplier)).toEqual(["a", "d"]);
});
