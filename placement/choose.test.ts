import { type Demand, MAX_LEASES_OF_CLUSTER, makeId, microUsdPerGpuHour, type NodeId } from "@ionet/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { choose, mostEffort, type Share } from "./choose.ts";
import type { FreeOffer } from "./free-offer.ts";
import { costOf, leastCostByTrying } from "./plain-choice.ts";
import { testOffer } from "./testing/offer.ts";

const nodeId = (n: number): NodeId =>
  makeId(
    "node",
    Uint8Array.from({ length: 20 }, (_, i) => (i < 3 ? n >> (5 * i) : 0)),
  );

const offer = (
  n: number,
  supplier: string,
  price: bigint,
  gpus: number,
  more: Partial<FreeOffer> = {},
): FreeOffer =>
  testOffer({
    nodeId: nodeId(n),
    supplier,
    gpusFree: gpus,
    priceMicroUsdPerGpuHour: microUsdPerGpuHour(price),
    ...more,
  });
const demand = (gpuCount: number, more: Partial<Demand> = {}): Demand => ({
  gpuModel: "a100-40gb",
  gpuCount,
  durationSeconds: 3600,
  currency: "USDC",
  minSuppliers: 1,
  ...more,
});
const cost = (shares: readonly Share[]): number =>
  costOf(shares.map(({ offer, gpus }) => ({ offer, count: gpus.length })));
const picture = (shares: Share[] | null) =>
  shares?.map((share) => `${share.offer.supplier}:${share.gpus.length}`);

test("the cheapest GPUs are chosen, on as few nodes as they need", () => {
  const offers = [offer(1, "a", 50n, 4), offer(2, "b", 40n, 2), offer(3, "c", 50n, 8)];
  expect(picture(choose(offers, demand(6)))).toEqual(["b:2", "c:4"]);
});

test("a supplier that is needed for the count of suppliers gives one GPU, the cheap ones the rest", () => {
  const offers = [offer(1, "a", 40n, 8), offer(2, "b", 90n, 8), offer(3, "c", 60n, 8)];
  expect(picture(choose(offers, demand(4, { minSuppliers: 3 })))).toEqual(["a:2", "c:1", "b:1"]);
});

test("two nodes of one supplier count as one supplier", () => {
  const offers = [offer(1, "a", 40n, 1), offer(2, "a", 40n, 1)];
  expect(choose(offers, demand(2, { minSuppliers: 2 }))).toBeNull();
});

test("only offers that meet every condition are chosen", () => {
  const unsuitable = [
    offer(1, "a", 1n, 8, { gpuModel: "t4" }),
    offer(2, "b", 1n, 8, { country: "FR" }),
    offer(3, "c", 1n, 8, { supplierKind: "individual" }),
    offer(4, "d", 100n, 8),
  ];
  const asked = demand(1, {
    countries: ["DE", "NO"],
    supplierKinds: ["miner", "data-centre"],
    maxPriceMicroUsdPerGpuHour: microUsdPerGpuHour(99n),
  });
  expect(choose(unsuitable, asked)).toBeNull();
  expect(picture(choose([...unsuitable, offer(5, "e", 99n, 1)], asked))).toEqual(["e:1"]);
});

test("a node makes one lease: its real and its simulated GPUs are not mixed", () => {
  const offers = [offer(1, "a", 40n, 2, { simulated: false }), offer(1, "a", 40n, 2)];
  expect(choose(offers, demand(3))).toBeNull();
  expect(choose(offers, demand(2))?.map((share) => share.offer.simulated)).toEqual([false]);
});

test("where the cheapest would take more nodes than a cluster may have, larger ones are taken", () => {
  const small = Array.from({ length: 600 }, (_, i) => offer(i, `s${i}`, 10n, 1));
  const large = Array.from({ length: 300 }, (_, i) => offer(1000 + i, `l${i}`, 20n, 2));
  const shares = choose([...small, ...large], demand(600)) ?? [];
  expect(shares.length).toBeLessThanOrEqual(MAX_LEASES_OF_CLUSTER);
  expect(shares.reduce((count, { gpus }) => count + gpus.length, 0)).toBe(600);
  expect(choose(small, demand(MAX_LEASES_OF_CLUSTER + 1))).toBeNull();
  // A hundred single GPUs of other suppliers are needed for 400 suppliers, though small nodes are left out first.
  const spread = choose([...small, ...large], demand(600, { minSuppliers: 400 })) ?? [];
  expect(new Set(spread.map((share) => share.offer.supplier)).size).toBeGreaterThanOrEqual(400);
  expect(spread.length).toBeLessThanOrEqual(MAX_LEASES_OF_CLUSTER);
});

const inNamespace = { confinement: "namespace" } as const;
const apart = [
  offer(1, "a", 10n, 2),
  offer(2, "b", 70n, 2),
  offer(3, "c", 20n, 1, inNamespace),
  offer(4, "d", 30n, 2, inNamespace),
];
test.each([
  ["one GPU is the cheapest of all", demand(1), ["a:1"]],
  ["a gang on one node is the cheapest of all", demand(2), ["a:2"]],
  ["a gang of several nodes is of one confinement, the cheapest such", demand(3), ["c:1", "d:2"]],
  ["the other confinement is taken where it alone has enough", demand(4), ["a:2", "b:2"]],
  ["confinements are not mixed to reach a count of GPUs", demand(5), undefined],
  ["nor to reach a count of suppliers", demand(3, { minSuppliers: 3 }), undefined],
])("of nodes that can't all reach each other: %s", (_what, asked, expected) => {
  expect(picture(choose(apart, asked))).toEqual(expected);
});

const market = fc
  .array(
    fc.record({
      supplier: fc.constantFrom("a", "b", "c", "d"),
      price: fc.bigInt(1n, 9n),
      gpus: fc.nat(3),
      confinement: fc.constantFrom("loopback" as const, "namespace" as const),
    }),
    {
      maxLength: 6,
    },
  )
  .map((rows) =>
    rows.map(({ supplier, price, gpus, confinement }, i) => offer(i, supplier, price, gpus, { confinement })),
  );

test("no other choice is cheaper, and where there is one it is found", () => {
  fc.assert(
    fc.property(
      market,
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 4 }),
      (offers, count, suppliers) => {
        fc.pre(suppliers <= count);
        const asked = demand(count, { minSuppliers: suppliers });
        const shares = choose(offers, asked);
        expect(shares === null ? Number.POSITIVE_INFINITY : cost(shares)).toBe(
          leastCostByTrying(offers, asked),
        );
        expect(new Set((shares ?? []).map((share) => share.offer.nodeId)).size).toBe(shares?.length ?? 0);
      },
    ),
    { numRuns: 500 },
  );
});

test("the order in which offers come changes nothing", () => {
  fc.assert(
    fc.property(market, fc.integer({ min: 1, max: 8 }), (offers, count) => {
      expect(choose([...offers].reverse(), demand(count))).toEqual(choose(offers, demand(count)));
    }),
    { numRuns: 200 },
  );
});

test("a demand that many choices could meet takes a bounded effort, and with none left still finds one", () => {
  const market = Array.from({ length: 1000 }, (_, at) => {
    const size = 1 + ((at * 7919) % 8);
    return offer(at, `supplier ${at % 300}`, BigInt(500_000 + ((at * 104_729) % 400_000)), size);
  });
  const asked = demand(100, { maxSuppliers: 8, maxNodes: 20, placement: "spread" });
  const efforts = [mostEffort(), { left: 0 }];
  for (const effort of efforts) {
    const chosen = choose(market, asked, effort);
    expect(chosen?.flatMap(({ gpus }) => gpus)).toHaveLength(100);
    expect(new Set(chosen?.map(({ offer }) => offer.supplier)).size).toBeLessThanOrEqual(8);
    expect(effort.left).toBeGreaterThan(-300_000);
  }
});
