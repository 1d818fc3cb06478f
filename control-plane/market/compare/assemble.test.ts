import type { FreeOffer } from "@ionet/placement";
import { testOffer } from "@ionet/placement/testing";
import { type Assembly, makeId, microUsdPerGpuHour } from "@ionet/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { gpuSetOf } from "../../supply/inventory/allocation/gpu-set.ts";
import { meetDemand } from "../reservations/meet-demand.ts";
import { assemble, type Moment } from "./assemble.ts";
import type { ComparedJob } from "./job.ts";

const DAY = 86_400;
const nowMs = Date.UTC(2026, 10, 22);
const nodeId = (n: number) => makeId("node", new Uint8Array(20).fill(n));

/** An offer of node `n`, each of a supplier of its own. */
const offer = (n: number, gpusFree: number, price: bigint, change: Partial<FreeOffer> = {}): FreeOffer =>
  testOffer({
    nodeId: nodeId(n),
    supplier: `supplier-${n}`,
    gpusFree,
    priceMicroUsdPerGpuHour: microUsdPerGpuHour(price),
    ...change,
  });

const assembled = (
  offers: readonly FreeOffer[],
  job: Partial<ComparedJob> = {},
  moment: Partial<Moment> = {},
): Assembly | null =>
  assemble(
    offers,
    { gpuModels: ["a100-40gb"], gpuCount: 8, days: 25, hoursPerDay: 24, ...job },
    { interruptible: false, nowMs, backfills: [], ...moment },
  );

const short = { enough: false, gpus: 4, suppliers: 1, nodes: 1 };

test("two models are never added up: of each alone, the one that has all, else the one that has more", () => {
  const larger = { gpuModel: "a100-80gb" };
  const gpuModels = ["a100-80gb", "a100-40gb"];
  const both = [offer(1, 4, 10n), offer(2, 6, 30n, larger)];
  expect(assembled(both, { gpuModels })).toMatchObject({
    ...{ gpuModel: "a100-80gb", enough: false, gpus: 6, gpusFree: 10 },
    ...{ leftOut: [{ why: "model", gpus: 4 }], assumed: { gpus: 2, priceMicroUsdPerGpuHour: 30n } },
  });
  expect(assembled(both, { gpuModels, gpuCount: 3 })).toMatchObject({ gpuModel: "a100-40gb", enough: true });
});

test("nodes of different confinement are not joined", () => {
  const apart = assembled([offer(1, 4, 10n), offer(2, 4, 20n, { confinement: "namespace" })]);
  expect(apart).toMatchObject({ ...short, leftOut: [{ why: "confinement", gpus: 4 }] });
  expect(apart?.note).toContain("4 that can't be joined to these");
});

test("a lease that a supplier does not offer for so long is not had, and the longest for which all are is told", () => {
  const until = (days: number) => new Date(nowMs + days * DAY * 1000).toISOString();
  const answer = assembled([
    offer(1, 4, 10n),
    offer(2, 3, 20n, { maxSeconds: 2 * DAY }),
    offer(3, 1, 30n, { availableUntil: until(5) }),
  ]);
  expect(answer).toMatchObject({
    ...{ ...short, leaseSeconds: 25 * DAY, leftOut: [{ why: "duration", gpus: 4 }] },
    shorter: { leaseSeconds: 2 * DAY, microUsdPerHour: 130n },
  });
  expect(answer?.note).toBe(
    "4 of 8 a100-40gb can be had now, from 1 supplier on 1 node, in one lease of 25 d; the other 4 are assumed at $0.00003 each, the dearest that so many would take; free besides: 4 not for so long; all 8 can be had for at most 2 d, at $0.00013 an hour",
  );
  expect(assembled([offer(1, 4, 10n, { minSeconds: 26 * DAY })])).toMatchObject({ gpus: 0, gpusFree: 4 });
});

test("a job of some hours a day needs a lease of those hours, one beyond thirty days needs more than one", () => {
  const hours = [offer(1, 8, 10n, { maxSeconds: 10 * 3600 })];
  expect(assembled(hours, { hoursPerDay: 10 })).toMatchObject({ enough: true, leaseSeconds: 36_000 });
  expect(assembled(hours, { hoursPerDay: 11 })).toMatchObject({ enough: false });
  const long = assembled([offer(1, 8, 10n)], { days: 60 });
  expect(long).toMatchObject({ enough: true, leaseSeconds: 30 * DAY, cost: { microUsdForJob: 115_200n } });
  expect(long?.note).toContain("no lease is longer: what comes after it is quoted then");
});

test("what suppliers don't hire out for USDC is not had", () => {
  const answer = assembled([offer(1, 4, 10n), offer(2, 4, 10n, { currencies: ["SOL"] })]);
  expect(answer).toMatchObject({ ...short, leftOut: [{ why: "currency", gpus: 4 }] });
});

test("what is reserved for a waiting request is not had, but until then it is", () => {
  const backfills = [
    {
      nodeId: nodeId(2),
      gpus: gpuSetOf([0, 1]),
      fromMs: nowMs + DAY * 1000,
      requestId: makeId("request", new Uint8Array(20)),
    },
  ];
  const answer = assembled([offer(1, 6, 10n), offer(2, 2, 20n)], {}, { backfills });
  expect(answer).toMatchObject({
    ...{ enough: false, gpus: 6, leftOut: [{ why: "reserved", gpus: 2 }] },
    shorter: { leaseSeconds: DAY - 300, microUsdPerHour: 100n },
  });
});

test("what is missing costs what the dearest would that so many take, free or not; never the cheapest", () => {
  const dearer = offer(4, 3, 70n, { maxSeconds: DAY });
  const unneeded = offer(5, 8, 900n, { maxSeconds: DAY });
  const besides = [offer(1, 4, 10n), offer(2, 1, 5n, { maxSeconds: DAY }), dearer, unneeded];
  expect(assembled(besides)?.assumed).toEqual({ gpus: 4, priceMicroUsdPerGpuHour: 70n });
  const some = assembled([offer(1, 2, 10n), offer(2, 2, 40n), offer(3, 0, 5n)]);
  expect(some).toMatchObject({
    assumed: { gpus: 4, priceMicroUsdPerGpuHour: 40n },
    cost: { microUsdPerHour: 260n },
  });
  expect(assembled([offer(3, 0, 500n), ...besides])?.assumed?.priceMicroUsdPerGpuHour).toBe(70n);
  expect(assembled([dearer, unneeded])?.assumed?.priceMicroUsdPerGpuHour).toBe(900n);
  expect(assembled([unneeded, offer(2, 9, 80n, { maxSeconds: DAY })])?.assumed).toEqual({
    ...{ gpus: 8, priceMicroUsdPerGpuHour: 80n },
  });
  const hired = assembled([offer(1, 0, 5n), offer(2, 0, 7n)]);
  expect(hired).toMatchObject({
    ...{ gpus: 0, gpusFree: 0, simulated: true, assumed: { gpus: 8, priceMicroUsdPerGpuHour: 7n } },
    cost: { microUsdPerHour: 56n },
    note: expect.stringContaining("none of 8 a100-40gb can be had now"),
  });
});

test("the interruptible price is that of who offers one, and nobody else's GPUs count", () => {
  const lower = { interruptiblePriceMicroUsdPerGpuHour: microUsdPerGpuHour(3n) };
  const offers = [offer(1, 8, 5n), offer(2, 4, 10n, lower)];
  expect(assembled(offers, {}, { interruptible: true })).toMatchObject({
    ...{ ...short, gpusFree: 4, cost: { microUsdPerHour: 24n } },
  });
  expect(assembled(offers.slice(0, 1), {}, { interruptible: true })).toBeNull();
});

test("more than one cluster holds is not had: 512 nodes, 1,000 GPUs", () => {
  const nodes = Array.from({ length: 520 }, (_, n) =>
    offer(1, 1, 10n, { nodeId: makeId("node", new Uint8Array(20).fill(n >> 5, 0, 10).fill(n & 31, 10)) }),
  );
  expect(assembled(nodes, { gpuCount: 520 })).toMatchObject({
    ...{ enough: false, gpus: 512, suppliers: 1, leftOut: [{ why: "size", gpus: 8 }], shorter: null },
  });
  expect(assembled([offer(1, 1024, 10n)], { gpuCount: 1001 })).toMatchObject({ enough: false, gpus: 1000 });
});

const anyOffer = fc.record({
  gpusFree: fc.integer({ min: 0, max: 4 }),
  price: fc.bigInt({ min: 1n, max: 50n }),
  supplier: fc.constantFrom("a", "b", "c"),
  confinement: fc.constantFrom<FreeOffer["confinement"]>("loopback", "namespace"),
  maxSeconds: fc.constantFrom(3600, DAY, 30 * DAY),
  minSeconds: fc.constantFrom(60, 2 * 3600),
  currencies: fc.constantFrom<FreeOffer["currencies"]>(["USDC"], ["SOL"], ["USDC", "SOL"]),
});

test("whatever is offered, as much is told as the market would quote: not one GPU more, nor fewer, at its price", () => {
  fc.assert(
    fc.property(
      fc.array(anyOffer, { maxLength: 8 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 24 }),
      (market, gpuCount, hoursPerDay) => {
        const offers = market.map(({ gpusFree, price, ...change }, n) => offer(n, gpusFree, price, change));
        const quoted = (count: number, durationSeconds: number) =>
          meetDemand(
            offers,
            { gpuModel: "a100-40gb", gpuCount: count, durationSeconds, currency: "USDC", minSuppliers: 1 },
            { nowMs, backfills: [], requestId: null },
          ).shares;
        const answer = assembled(offers, { gpuCount, hoursPerDay });
        if (answer === null) return offers.length === 0;
        const { gpus, leaseSeconds, shorter, cost } = answer;
        if (gpus < gpuCount && quoted(gpus + 1, leaseSeconds) !== null) return false;
        if (gpus > 0 && quoted(gpus, leaseSeconds) === null) return false;
        const priceOf = (shares: ReturnType<typeof quoted>) =>
          (shares ?? []).reduce(
            (sum, share) => sum + share.offer.priceMicroUsdPerGpuHour * BigInt(share.gpus.length),
            0n,
          );
        if (shorter !== null && priceOf(quoted(gpuCount, shorter.leaseSeconds)) !== shorter.microUsdPerHour)
          return false;
        return gpus < gpuCount || cost?.microUsdPerHour === priceOf(quoted(gpuCount, leaseSeconds));
      },
    ),
    { numRuns: 500 },
  );
});
