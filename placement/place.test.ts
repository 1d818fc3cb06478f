import { type Demand, makeId, microUsdPerGpuHour } from "@ionet/protocol";
import { expect, test } from "vitest";
import { choose } from "./choose.ts";
import type { FreeOffer } from "./free-offer.ts";
import { testOffer } from "./testing/offer.ts";

const offer = (n: number, supplier: string, gpus: number, price: number, country = "DE"): FreeOffer =>
  testOffer({
    nodeId: makeId("node", new Uint8Array(20).fill(n)),
    supplier,
    country,
    gpusFree: gpus,
    priceMicroUsdPerGpuHour: microUsdPerGpuHour(BigInt(price)),
  });
const demand = (gpuCount: number, more: Partial<Demand>): Demand => ({
  ...{ gpuModel: "a100-40gb", gpuCount, durationSeconds: 3600, currency: "USDC", minSuppliers: 1 },
  ...more,
});
const picture = (offers: FreeOffer[], wanted: Demand) =>
  choose(offers, wanted)
    ?.map((share) => `${share.offer.supplier}:${share.gpus.length}`)
    .toSorted() ?? null;

test.each<[string, Partial<Demand>, string[] | null]>([
  ["the cheapest, without limits", {}, ["a:1", "b:2", "c:3"]],
  ["on two nodes the cheapest two that are large enough", { maxNodes: 2 }, ["b:2", "d:4"]],
  ["on one node the cheapest that has all", { maxNodes: 1 }, ["e:6"]],
  ["from two suppliers at most", { maxSuppliers: 2 }, ["b:2", "d:4"]],
  ["from one supplier in one country", { maxSuppliers: 1, countries: ["US"] }, ["e:6"]],
  [
    "from at least four suppliers on at most four nodes",
    { minSuppliers: 4, maxNodes: 4 },
    ["a:1", "b:2", "c:2", "d:1"],
  ],
  ["packed on the fewest nodes", { placement: "pack" }, ["e:6"]],
  ["packed where two nodes are the fewest", { placement: "pack", countries: ["DE"] }, ["b:2", "d:4"]],
  [
    "spread so that no supplier gives more than it must",
    { placement: "spread" },
    ["a:1", "b:2", "c:2", "d:1"],
  ],
  ["in a region that has too few", { regions: ["na"], maxNodes: 3, gpuCount: 9 }, null],
  ["verified hardware, which nobody has", { verified: true }, null],
])("%s", (_what, limits, expected) => {
  const market = [
    offer(1, "a", 1, 10),
    offer(2, "b", 2, 20),
    offer(3, "c", 3, 30),
    offer(4, "d", 4, 40),
    offer(5, "e", 8, 90, "US"),
  ];
  expect(picture(market, demand(6, limits))).toEqual(expected);
});

test("packed in one region, though a cheaper one on as many nodes spans two", () => {
  const market = [offer(1, "a", 4, 10), offer(2, "b", 4, 10, "US"), offer(3, "c", 4, 50, "FR")];
  expect(picture(market, demand(8, { placement: "pack" }))).toEqual(["a:4", "c:4"]);
  expect(picture(market.slice(0, 2), demand(8, { placement: "pack" }))).toEqual(["a:4", "b:4"]);
});

test("of one large demand on few nodes the answer comes without a table of all ways", () => {
  const market = Array.from({ length: 400 }, (_, n) =>
    offer(n % 32, `s${n}`, 1 + (n % 8), 100 + ((n * 37) % 100)),
  );
  const unique = market.map((one, n) => ({
    ...one,
    nodeId: makeId(
      "node",
      Uint8Array.from({ length: 20 }, (_, i) => (i < 2 ? n >> (5 * i) : 0)),
    ),
  }));
  const shares = choose(unique, demand(300, { maxNodes: 45 }));
  expect(shares?.length).toBeLessThanOrEqual(45);
  expect(shares?.reduce((sum, { gpus }) => sum + gpus.length, 0)).toBe(300);
});
