import { makeId, microUsdPerGpuHour } from "@ionet/protocol";
import { expect, test } from "vitest";
import { bestFit } from "./best-fit.ts";
import { choose } from "./choose.ts";
import { testOffer } from "./testing/offer.ts";

const demand = { gpuModel: "a100-40gb", durationSeconds: 3600, currency: "USDC", minSuppliers: 1 } as const;
const offer = (n: number, supplier: string, gpus: number, price: number, country = "DE") =>
  testOffer({
    nodeId: makeId("node", new Uint8Array(20).fill(n)),
    supplier,
    country,
    gpusFree: gpus,
    priceMicroUsdPerGpuHour: microUsdPerGpuHour(BigInt(price)),
  });
/** Which nodes give how many, by their number of free GPUs. */
const taken = (...[offers, more]: [ReturnType<typeof offer>[], Partial<Parameters<typeof choose>[1]>]) =>
  choose(offers, { ...demand, gpuCount: 1, ...more })?.map((share) => [
    share.offer.gpusFree,
    share.gpus.length,
  ]);

test("of nodes of one price the one that is left fullest gives, and large ones stay whole", () => {
  const offers = [offer(1, "a", 8, 10), offer(2, "b", 2, 10), offer(3, "c", 4, 10)];
  expect(taken(offers, {})).toEqual([[2, 1]]);
  expect(taken(offers, { gpuCount: 3 })).toEqual([[4, 3]]);
  expect(taken(offers, { gpuCount: 7 })).toEqual([[8, 7]]);
});

test("a smaller node that is dearer or elsewhere is not taken instead", () => {
  const offers = [offer(1, "a", 8, 10), offer(2, "a", 1, 11), offer(3, "a", 1, 10, "US")];
  expect(taken(offers, { placement: "pack" })).toEqual([[8, 1]]);
});

test("where several nodes give, the rest is taken of the same supplier, and no node twice", () => {
  const offers = [offer(1, "a", 4, 10), offer(2, "a", 4, 10), offer(3, "a", 3, 10), offer(4, "b", 2, 10)];
  expect(taken(offers, { gpuCount: 6, maxSuppliers: 1 })).toEqual([
    [4, 4],
    [3, 2],
  ]);
  expect(taken(offers, { gpuCount: 11, maxSuppliers: 1 })).toEqual([
    [4, 4],
    [4, 4],
    [3, 3],
  ]);
});

test("a smaller node that is taken already is not taken again", () => {
  const [small, large] = [4, 8].map((gpus) => ({
    offer: offer(gpus, "a", gpus, 10),
    microUsd: 10,
    owner: 0,
  }));
  if (small === undefined || large === undefined) throw new Error("two candidates were made");
  const parts = [
    { candidate: small, count: 4 },
    { candidate: large, count: 3 },
  ];
  expect(bestFit(parts, [large, small])).toEqual(parts);
});
