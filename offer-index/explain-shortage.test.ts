import { countryCodes, type Offer, type Query, queryParts, readQuery } from "@ionet/protocol";
import { expect, test } from "vitest";
import { explainShortage } from "./explain-shortage.ts";
import { findOffers } from "./find-offers.ts";
import { OfferIndex } from "./offer-index.ts";
import { plainSearch } from "./plain-search.ts";
import { makeOffers } from "./testing/offers.ts";

const NOW_MS = Date.UTC(2026, 0, 1);

function plainSupply(offers: readonly Offer[], query: Query) {
  const found = plainSearch(offers, query, NOW_MS);
  return { offers: found.length, gpusFree: found.reduce((sum, offer) => sum + offer.gpusFree, 0) };
}

test.each([
  "gpu=h200 price<=2.00 count=40 region=eu",
  "gpu=t4 gpus=8 country=IS,LU,MT count=5",
  "gpu=a100 vram>=80 country!=US,DE price<=0.70 count=900",
  "gpu!=rtx-4090 reliability>=0.999 verified count=2000",
  "price>=0.70 price<=0.71 cuda>=12.8 kind=miner count=100",
  "gpu=b200 duration=29d interruptible !simulated count=200",
  "up>=9gbps down>=9gbps interconnect=nvlink sandbox=none count=50",
  "gpu=a10 count=100000",
])("what each condition of %j costs, and what relaxing it brings, is what a filtered list has", (text) => {
  const offers = makeOffers(12_000, 31, NOW_MS);
  const index = new OfferIndex();
  for (const offer of offers) index.put(offer);
  index.settle(Number.POSITIVE_INFINITY);
  const query = readQuery(text);
  const { matching } = findOffers(index, query, NOW_MS, { count: 1, after: undefined });
  expect(matching).toEqual(plainSupply(offers, query));
  const shortage = explainShortage(index, query, NOW_MS, matching);
  const parts = queryParts(query);
  const conditions = shortage?.conditions ?? [];
  expect(conditions.length).toBe(parts.filter(({ field }) => field.name !== "count").length);
  for (const { condition, withoutIt, relaxed } of conditions) {
    const others = parts.filter((part) => part.text !== condition).map((part) => part.text);
    expect(withoutIt, condition).toEqual(plainSupply(offers, readQuery(others.join(" "))));
    if (relaxed === null) continue;
    const eased = readQuery([...others, relaxed.condition].join(" "));
    expect(relaxed.supply, relaxed.condition).toEqual(plainSupply(offers, eased));
    expect(relaxed.supply.gpusFree).toBeGreaterThanOrEqual(query.gpuCount ?? 1);
  }
});

test.each([
  [
    "a list of words that is full",
    { country: countryCodes.filter((code) => code !== "US").slice(0, 50) },
    "a10",
  ],
  // Whatever a node calls its GPU comes to the index as it is.
  ["a model named like a count", { gpuModel: ["h200"] }, "8xa100"],
  ["a model named by a comma", { gpuModel: ["h200"] }, ","],
])("%s can't be widened, which is no error: it can only be dropped", (_, asked, gpuModel) => {
  const index = new OfferIndex();
  for (const offer of makeOffers(500, 4, NOW_MS)) index.put({ ...offer, gpuModel });
  const query: Query = { ...asked, gpuCount: 500 };
  const { matching } = findOffers(index, query, NOW_MS, { count: 1, after: undefined });
  const shortage = explainShortage(index, query, NOW_MS, matching);
  expect(shortage?.conditions.map(({ relaxed }) => relaxed)).toEqual([null]);
  expect(shortage?.conditions[0]?.withoutIt.gpusFree).toBeGreaterThanOrEqual(500);
});

test("one GPU of nodes that have more free is found, or a node with exactly one free is told as the tight condition", () => {
  const index = new OfferIndex();
  for (const offer of makeOffers(50, 4, NOW_MS)) {
    index.put({ ...offer, gpuModel: "rtx-4090", gpusFree: 8, gpusTotal: 8 });
  }
  const find = (text: string) => {
    const query = readQuery(text);
    const { matching } = findOffers(index, query, NOW_MS, { count: 1, after: undefined });
    return explainShortage(index, query, NOW_MS, matching);
  };
  expect(find("num_gpus=1 gpu=rtx-4090")).toBeNull();
  expect(find("gpus=1 gpu=rtx-4090")?.advice).toContain("gpus>=1 gives 400 GPUs");
  expect(find("gpus>=1 gpus<=4")?.advice).toContain("gpus<=4 is the tight condition");
});
