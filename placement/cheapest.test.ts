import { type Demand, makeId, microUsdPerGpuHour } from "@ionet/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { choose, type Share } from "./choose.ts";
import { costOf, leastCostByTrying, type Taken } from "./plain-choice.ts";
import { testOffer } from "./testing/offer.ts";

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
        leastCostByTrying(offers, asked),
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
