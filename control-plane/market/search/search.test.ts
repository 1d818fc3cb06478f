import { makeOffers } from "@ionet/offer-index/testing";
import { type Call, endpoints, makeId } from "@ionet/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestContext, type TestContext } from "../../platform/testing/context.ts";
import { addTestNode } from "../../supply/nodes/testing/node.ts";
import { catalogueConnector } from "../connectors/catalogue-connector.ts";
import { createFreshIndex } from "./fresh-index.ts";
import { searchRoutes } from "./routes.ts";
import { readCursor, writeCursor } from "./search-cursor.ts";
import { searchOffers } from "./search-offers.ts";

let ctx: TestContext;
let search: (query: Partial<Call<"searchOffers">["query"]>) => ReturnType<typeof searchOffers>;
beforeAll(async () => {
  ctx = await openTestContext();
  await addTestNode(ctx, { price: 500_000n, country: "DE", gpus: 2 });
  await addTestNode(ctx, { price: 400_000n, country: "NO" });
  await addTestNode(ctx, { price: 400_000n, country: "NL" });
  await addTestNode(ctx, { price: 1_000_000n, model: "h100-80gb", country: "DE" });
  const freshIndex = createFreshIndex(ctx.clock, () => ctx.offers.free());
  search = (query) =>
    searchOffers({ clock: ctx.clock, freshIndex, others: [catalogueConnector] }, { limit: 50, ...query });
});
afterAll(() => ctx.close());

test("offers come cheapest first, page after page without one lost or twice", async () => {
  const prices: bigint[] = [];
  let cursor: string | undefined;
  do {
    const page = await search({ limit: 1, ...(cursor === undefined ? {} : { cursor }) });
    expect(page.matching).toEqual({ offers: 4, gpusFree: 5 });
    prices.push(...page.items.map((offer) => offer.priceMicroUsdPerGpuHour));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  expect(prices).toEqual([400_000n, 400_000n, 500_000n, 1_000_000n]);
});

test("offers are found by text, by typed parameters, and by both together", async () => {
  const found = async (query: Parameters<typeof search>[0]) =>
    (await search(query)).items.map((offer) => `${offer.gpuModel} ${offer.country}`);
  expect(await found({ q: 'gpu="NVIDIA H100 80GB"' })).toEqual(["h100-80gb DE"]);
  expect((await found({ country: ["DE"] })).sort()).toEqual(["a100-40gb DE", "h100-80gb DE"]);
  expect(await found({ q: "gpu=a100", country: ["DE"] })).toEqual(["a100-40gb DE"]);
  expect(await found({ q: "near=SE", limit: 1 })).toEqual(["a100-40gb NO"]);
  expect(await found({ q: "sort=-price", limit: 1 })).toEqual(["h100-80gb DE"]);
  expect(await found({ gpuModel: ["t4"] })).toEqual([]);
});

test("words that people bring along find what they mean: part of a node, a price of the whole offer, countries", async () => {
  const found = async (q: string) =>
    (await search({ q })).items.map((offer) => `${offer.gpuModel} ${offer.country} ${offer.gpusFree}`);
  expect(await found("num_gpus=1 gpu_name=A100_SXM4 geolocation in [DE] rented=False")).toEqual([
    "a100-40gb DE 2",
  ]);
  expect(await found("num_gpus=2 dph<=1")).toEqual(["a100-40gb DE 2"]);
  expect(await found("num_gpus=2 dph<1")).toEqual([]);
  expect((await search({ q: "gpus=1 gpu=a100 country=DE" })).shortage?.advice).toContain(
    "gpus>=1 gives 2 GPUs",
  );
});

test.each([
  [{ q: "gpu=h1000" }, "gpu-model-unknown", "q"],
  [{ gpuModel: ["h1000"] }, "gpu-model-unknown", "gpuModel"],
  [{ q: "vrma>=40" }, "query-unreadable", "q"],
  [{ q: "dph<=10" }, "query-unreadable", "q"],
  [{ q: "country=DE", country: ["NO"] }, "invalid-request", "country"],
  [{ q: "sort=nearness" }, "invalid-request", "sort"],
  [{ cursor: "nonsense" }, "invalid-request", "cursor"],
  [
    { minPriceMicroUsdPerGpuHour: 2n, maxPriceMicroUsdPerGpuHour: 1n },
    "invalid-request",
    "maxPriceMicroUsdPerGpuHour",
  ],
  [{ q: "vram>=40", maxVramMib: 1024 }, "invalid-request", "maxVramMib"],
])("%o is refused", async (query, code, field) => {
  await expect(search(query)).rejects.toMatchObject({ code, input: { field } });
});

test("a model that nobody knows is shown where it stands in the text, with the words that are near", async () => {
  await expect(search({ q: "country=DE gpu=A10O" })).rejects.toMatchObject({
    code: "gpu-model-unknown",
    input: {
      detail: expect.stringMatching(/^at character 16: .*"A10O"/),
      given: "A10O",
      position: { offset: 15, length: 4 },
      closest: ["a100", "a10", "a10g"],
    },
  });
});

test("clouds' prices are those of all models that a name means, however it is written", async () => {
  const exchange = { signal: AbortSignal.timeout(10_000), requestId: "test" };
  const modelsOf = async (gpuModel?: string) => {
    const query = gpuModel === undefined ? {} : { gpuModel };
    const call = { query, params: {}, body: undefined as never };
    const { items } = await searchRoutes(ctx).listCloudPrices(call, null, exchange);
    return new Set(items.map((price) => price.gpuModel));
  };
  expect(await modelsOf("NVIDIA A100 40GB")).toEqual(new Set(["a100-40gb"]));
  expect(await modelsOf("a100")).toEqual(new Set(["a100-40gb", "a100-80gb"]));
  expect((await modelsOf()).size).toBeGreaterThan(10);
});

test("a cursor of another order is refused", async () => {
  const { nextCursor } = await search({ limit: 1, q: "sort=price" });
  await expect(search({ limit: 1, q: "sort=vram", cursor: nextCursor ?? "" })).rejects.toMatchObject({
    code: "invalid-request",
    input: { field: "cursor" },
  });
});

test("the longest cursor that a search gives out is one that it takes", () => {
  const query = { sort: "+interruptible_price", near: "europe-other" } as const;
  const longest = {
    key: 4_294_967_295,
    price: 4_294_967_295,
    id: `${makeId("node", new Uint8Array(20))} ${"語".repeat(60)} false`,
  };
  const cursor = writeCursor(query, longest);
  const call = endpoints.searchOffers.query.decode({ cursor });
  expect(readCursor(query, call.cursor ?? "")).toEqual(longest);
});

test("an empty answer says which condition is tight and what relaxing it would bring", async () => {
  const { items, shortage } = await search({ q: "gpu=a100 price<=0.30 country=NO,NL" });
  expect(items).toEqual([]);
  expect(shortage?.conditions[0]).toEqual({
    condition: "price<=0.30",
    withoutIt: { offers: 2, gpusFree: 2 },
    relaxed: { condition: "price<=0.40", supply: { offers: 2, gpusFree: 2 } },
  });
  expect(shortage?.advice).toContain("price<=0.30 is the tight condition: price<=0.40 gives 2 GPUs");
});

test("fewer GPUs than wanted are shown, with what would bring the rest", async () => {
  const { items, shortage, matching } = await search({ q: "count=4 gpu=a100 price<=0.40" });
  expect([items.length, matching.gpusFree]).toEqual([2, 2]);
  expect(shortage).toMatchObject({ gpusWanted: 4, gpusFree: 2 });
  expect(shortage?.conditions[0]?.relaxed).toEqual({
    condition: "price<=0.50",
    supply: { offers: 3, gpusFree: 4 },
  });
  expect((await search({ q: "count=2 gpu=a100 price<=0.40" })).shortage).toBeNull();
  const { shortage: far } = await search({ q: "count=99 gpu=a100 price<=0.40" });
  expect(far?.conditions.map(({ relaxed }) => relaxed)).toEqual([null, null]);
  expect([far?.together, far?.advice]).toEqual([null, expect.stringContaining("count=99 is the tight one")]);
});

test("where no one condition alone is why, those that are together are named, and no others", async () => {
  const { shortage } = await search({ q: "gpu=a100 price<=0.30 country=FI vram>=16 verified" });
  expect(shortage?.conditions.every(({ withoutIt }) => withoutIt.gpusFree === 0)).toBe(true);
  expect(new Set(shortage?.together?.conditions)).toEqual(new Set(["price<=0.30", "country=FI", "verified"]));
  expect(shortage?.together?.withoutThem.gpusFree).toBe(4);
  expect(shortage?.advice).toContain("only together");
  expect((await search({ q: "gpu=a100 price<=0.30" })).shortage?.together).toBeNull();
});

test("a place that has too little names the one that has the rest", async () => {
  const { shortage } = await search({ q: "count=2 gpu=a100 country=NO" });
  expect(shortage?.conditions[0]?.relaxed).toEqual({
    condition: "country=NO,DE",
    supply: { offers: 2, gpusFree: 3 },
  });
  const { shortage: not } = await search({ q: "count=4 gpu=a100 country!=DE" });
  expect(not?.conditions[0]).toMatchObject({
    condition: "country!=DE",
    withoutIt: { gpusFree: 4 },
    relaxed: null,
  });
});

test("a small network is read at each search; of a large one, what is shown is at most a second old", async () => {
  await addTestNode(ctx, { price: 100_000n, model: "t4" });
  expect((await search({ q: "gpu=t4" })).items.length).toBe(1);

  const offers = makeOffers(1500, 4, ctx.clock.now());
  const freshIndex = createFreshIndex(ctx.clock, async () => [...offers]);
  const count = async () => {
    const { matching, asOf } = await searchOffers({ clock: ctx.clock, freshIndex }, { limit: 1 });
    return [matching.offers, Date.parse(asOf)];
  };
  const began = ctx.clock.now();
  expect(await count()).toEqual([1500, began]);
  offers.pop();
  ctx.clock.advance(999);
  expect(await count()).toEqual([1500, began]);
  ctx.clock.advance(1);
  expect(await count()).toEqual([1499, began + 1000]);
});

test("of models that no catalogue knows two hundred are found at most, and known ones always", async () => {
  const offers = makeOffers(600, 4, ctx.clock.now());
  const strange = offers.map((offer, n) => ({ ...offer, gpuModel: `card ${n}`, nodeId: `${offer.nodeId}x` }));
  const freshIndex = createFreshIndex(ctx.clock, async () => [...strange, ...offers] as typeof offers);
  expect((await freshIndex()).index.size).toBe(800);
});

test("a search does not wait long for a slow reading: it shows what there was, and its date", async () => {
  const offers = makeOffers(1200, 4, ctx.clock.now());
  let held: Promise<void> | undefined;
  const freshIndex = createFreshIndex(ctx.clock, async () => {
    await held;
    return offers;
  });
  const began = (await freshIndex()).asOfMs;
  let release = () => {};
  held = new Promise((resolve) => {
    release = resolve;
  });
  ctx.clock.advance(5000);
  expect((await freshIndex()).asOfMs).toBe(began);
  release();
  await expect.poll(async () => (await freshIndex()).asOfMs).toBe(began + 5000);
});

test("a reading that fails is told to who waits for it, and tried again by the next", async () => {
  let fails = true;
  const freshIndex = createFreshIndex(ctx.clock, async () => {
    if (fails) throw new Error("no database");
    return makeOffers(3, 4, ctx.clock.now());
  });
  await expect(freshIndex()).rejects.toThrow("no database");
  fails = false;
  expect((await freshIndex()).index.size).toBe(3);
});

test("what others list is found when their source is named, never bookable, and what can't be asked of it is said", async () => {
  expect((await search({ q: "gpu=a100" })).listed).toBeNull();
  const { items, listed, shortage } = await search({
    q: "gpu=a100 source=catalogue price<=0.75 vram>=80gb region=eu !interruptible",
    limit: 2,
  });
  expect(items).toEqual([]);
  expect(listed?.items).toMatchObject([
    { provider: "Vast.ai", gpuModel: "a100-80gb", bookable: false, tier: "on_demand" },
  ]);
  expect(listed?.items[0]?.priceMicroUsdPerGpuHour).toBe(600_000n);
  expect(listed?.unchecked).toEqual(["region"]);
  // Nothing is short here when nothing was asked for here.
  expect(shortage).toBeNull();
  const both = await search({ q: "gpu=a100 source=network,catalogue", limit: 3 });
  expect([both.items.length, both.listed?.items.length]).toEqual([3, 3]);
  await expect(search({ q: "source=elsewhere" })).rejects.toMatchObject({
    input: { field: "source", allowed: "network, catalogue" },
  });
});
