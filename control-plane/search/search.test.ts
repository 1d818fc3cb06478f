import { afterAll, beforeAll, expect, test } from "vitest";
import { addTestNode } from "../nodes/test-node.ts";
import { openTestContext, type TestContext } from "../test-context.ts";
import { searchOffers } from "./search-offers.ts";

let ctx: TestContext;
beforeAll(async () => {
  ctx = await openTestContext();
  await addTestNode(ctx, { price: 500_000n, country: "DE", gpus: 2 });
  await addTestNode(ctx, { price: 400_000n, country: "NO" });
  await addTestNode(ctx, { price: 400_000n, country: "NL" });
  await addTestNode(ctx, { price: 1_000_000n, model: "h100-80gb", country: "DE" });
});
afterAll(() => ctx.close());

test("offers come cheapest first, page after page without one lost or twice", async () => {
  const prices: bigint[] = [];
  let cursor: string | undefined;
  do {
    const page = await searchOffers(ctx, { limit: 1, ...(cursor === undefined ? {} : { cursor }) });
    prices.push(...page.items.map((offer) => offer.priceMicroUsdPerGpuHour));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  expect(prices).toEqual([400_000n, 400_000n, 500_000n, 1_000_000n]);
});

test("offers are found by model, however it is written, and by country", async () => {
  const found = async (query: { gpuModel?: string; country?: string }) =>
    (await searchOffers(ctx, { limit: 50, ...query })).items.map(
      (offer) => `${offer.gpuModel} ${offer.country}`,
    );
  expect(await found({ gpuModel: "NVIDIA H100 80GB" })).toEqual(["h100-80gb DE"]);
  expect((await found({ country: "de" })).sort()).toEqual(["a100-40gb DE", "h100-80gb DE"]);
  expect(await found({ gpuModel: "t4" })).toEqual([]);
  await expect(found({ gpuModel: "h1000" })).rejects.toMatchObject({ code: "gpu-model-unknown" });
});

test("a cursor that this list did not give out is refused", async () => {
  await expect(searchOffers(ctx, { limit: 1, cursor: "nonsense" })).rejects.toMatchObject({
    code: "invalid-request",
    input: { field: "cursor" },
  });
});
