import {
  type Answer,
  type Call,
  demandSchema,
  endpoints,
  microUsdPerGpuHour,
  type Problem,
} from "@ionet/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signInTestWallet } from "../../platform/accounts/testing/wallet.ts";
import { openTestContext, type TestContext } from "../../platform/testing/context.ts";
import { addTestNode } from "../../supply/nodes/testing/node.ts";
import type { InventoryConnector } from "../connectors/inventory-connector.ts";
import { startVastServer, vastOffer } from "../connectors/testing/vast-server.ts";
import { vastConnector } from "../connectors/vast-connector.ts";
import { createQuote } from "../reservations/create-quote.ts";
import { testPaymentTerms } from "../reservations/testing/payment-terms.ts";
import { compareDemand } from "./compare-demand.ts";
import { compareRoutes } from "./routes.ts";

let ctx: TestContext;
const terms = testPaymentTerms();
beforeAll(async () => {
  ctx = await openTestContext();
  await addTestNode(ctx, { gpus: 8, price: 350_000n, country: "DE" });
  await addTestNode(ctx, { gpus: 8, price: 400_000n, country: "NO" });
  await addTestNode(ctx, { gpus: 40, price: 450_000n, country: "US" });
  ctx.clock.advance(Date.UTC(2026, 10, 22) - ctx.clock.now());
  // The nodes have to be seen again at that time.
  await addTestNode(ctx, { gpus: 8, price: 350_000n, country: "DE" });
  await addTestNode(ctx, { gpus: 8, price: 400_000n, country: "NO" });
  await addTestNode(ctx, { gpus: 40, price: 450_000n, country: "US" });
});
afterAll(() => ctx.close());

const compare = (query: Record<string, unknown>, others: readonly InventoryConnector[] = []) => {
  const inUrl = Object.entries(query).map(([name, value]) => [
    name,
    typeof value === "number" ? String(value) : value,
  ]);
  const read: Call<"compare">["query"] = endpoints.compare.query.parse(Object.fromEntries(inUrl));
  return compareDemand(ctx, others, read);
};
const rowOf = (answer: Answer<"compare">, provider: string, tier = "on_demand") =>
  answer.rows.find((row) => row.provider === provider && row.tier === tier);

test("the network's worked example: 50 × A100 for 25 days cost 100,000 USD in a cloud, and less here", async () => {
  const answer = await compare({ gpuModel: "a100", gpuCount: 50, days: 25 });
  expect(rowOf(answer, "a cloud (2023)")).toMatchObject({
    cost: { microUsdPerDay: 4_000_000_000n, microUsdForJob: 100_000_000_000n },
    old: true,
    asOf: "2023",
  });
  // AWS's A100 of 59.78 USD a day: 50 of them 25 days.
  expect(rowOf(answer, "AWS (2023)")?.cost.microUsdForJob).toBe(74_725_000_000n);
  // Here 8 at 0.35, 8 at 0.40 and 34 at 0.45 USD: 21.30 USD an hour.
  expect(answer.network).toMatchObject({ gpusFree: 56, enough: true, simulated: true, assumed: null });
  expect(answer.network).toMatchObject({ gpuModel: "a100-40gb", gpus: 50, suppliers: 3, nodes: 3 });
  expect(answer.network.cost).toMatchObject({
    microUsdPerHour: 21_300_000n,
    microUsdForJob: 12_780_000_000n,
  });
  const saved = rowOf(answer, "a cloud (2023)");
  expect([saved?.savedMicroUsd, saved?.savedBps]).toEqual([87_220_000_000n, 8722]);
});

test("at least eight providers stand beside the network, each row dated, aged and not bookable here", async () => {
  const answer = await compare({ gpuModel: "a100", gpuCount: 50, days: 25 });
  expect(answer.gpuModels).toEqual(["a100-80gb", "a100-40gb"]);
  expect(new Set(answer.rows.map(({ provider }) => provider)).size).toBeGreaterThanOrEqual(15);
  for (const row of answer.rows) {
    expect(row.asOf).toMatch(/^20\d\d/);
    expect(row.old).toBe(row.ageDays > 180);
    expect(row.bookable).toBe(false);
  }
  expect(rowOf(answer, "GCP", "spot")?.cost.priceMicroUsdPerGpuHour).toBe(567_900n);
  expect(rowOf(answer, "AWS", "reserved_3y")?.cost.priceMicroUsdPerGpuHour).toBe(1_171_800n);
  expect(rowOf(answer, "AWS")).toMatchObject({ asOf: "2026-06-15", ageDays: 159, old: false });
});

test("a day may have fewer hours, and what is cheaper elsewhere is told as a loss", async () => {
  const answer = await compare({ gpuModel: "a100-40gb", gpuCount: 2, days: 3, hoursPerDay: 10 });
  expect(answer.network.cost).toMatchObject({ microUsdPerDay: 7_000_000n, microUsdForJob: 21_000_000n });
  const spot = rowOf(answer, "Dataoorts", "spot");
  expect([spot?.cost.microUsdForJob, spot?.savedMicroUsd, spot?.savedBps]).toEqual([
    15_000_000n,
    -6_000_000n,
    -4000,
  ]);
});

test("the network's offer is what a quote for the same answers: its price, and whether there is one", async () => {
  const { caller } = await signInTestWallet(ctx);
  for (const [gpuCount, days] of [
    [1, 1],
    [17, 25],
    [56, 30],
    [57, 1],
  ] as const) {
    const { network } = await compare({ gpuModel: "a100-40gb", gpuCount, days });
    const quote = await createQuote(
      ctx,
      terms,
      caller,
      demandSchema.decode({ gpuModel: "a100-40gb", gpuCount, durationSeconds: days * 86_400 }),
    ).catch((error: Problem) => (error.code === "supply-insufficient" ? null : Promise.reject(error)));
    expect([gpuCount, network.enough]).toEqual([gpuCount, quote !== null]);
    if (quote === null) continue;
    expect(network.cost?.microUsdPerHour).toBe(quote.ratePerHour);
    expect(network.nodes).toBe(quote.leases.length);
  }
});

test("when supply is short what is missing is assumed at the dearest price, and what is saved says so", async () => {
  const short = await compare({ gpuModel: "a100-40gb", gpuCount: 60 });
  expect(short.network).toMatchObject({
    ...{ enough: false, gpus: 56, gpusFree: 56, suppliers: 3, nodes: 3 },
    assumed: { gpus: 4, priceMicroUsdPerGpuHour: 450_000n },
    note: expect.stringContaining("56 of 60 a100-40gb can be had now, from 3 suppliers on 3 nodes"),
  });
  // 8 × 0.35, 8 × 0.40 and 40 × 0.45 that are there; 4 × 0.45 that are not.
  expect(short.network.cost?.microUsdPerHour).toBe(25_800_000n);
  expect(new Set(short.rows.map(({ savedRestsOn }) => savedRestsOn))).toEqual(new Set(["partly assumed"]));
  const none = await compare({ gpuModel: "h100", gpuCount: 8 });
  expect(none.network).toMatchObject({ enough: false, cost: null, gpuModel: null });
  expect(none.rows.length).toBeGreaterThan(8);
  expect(none.rows.every(({ savedMicroUsd }) => savedMicroUsd === null)).toBe(true);
});

test("spot prices stand beside our interruptible price, where all can be had at that; others beside the usual one", async () => {
  const offered = { interruptiblePriceMicroUsdPerGpuHour: microUsdPerGpuHour(100_000n) };
  await addTestNode(ctx, { gpus: 2, model: "rtx-4090", price: 300_000n, terms: offered });
  const two = await compare({ gpuModel: "rtx-4090", gpuCount: 2 });
  expect(two.interruptible).toMatchObject({ enough: true, cost: { microUsdPerHour: 200_000n } });
  expect(two.network.cost?.microUsdPerHour).toBe(600_000n);
  for (const { tier, savedAgainst, savedMicroUsd, cost } of two.rows) {
    const ours = tier === "spot" ? 4_800_000n : 14_400_000n;
    expect([tier, savedAgainst]).toEqual([tier, tier === "spot" ? "interruptible" : "on_demand"]);
    expect(savedMicroUsd).toBe(cost.microUsdForJob - ours);
  }
  expect(two.rows.some(({ tier }) => tier === "spot")).toBe(true);
  const three = await compare({ gpuModel: "rtx-4090", gpuCount: 3 });
  expect(three.interruptible).toMatchObject({ enough: false, assumed: { gpus: 1 } });
  expect(new Set(three.rows.map(({ savedAgainst }) => savedAgainst))).toEqual(new Set(["on_demand"]));
  expect((await compare({ gpuModel: "a100-40gb" })).interruptible).toBeNull();
});

test("how many prices are old is told, and the date of the oldest", async () => {
  const answer = await compare({ gpuModel: "a100", maxAgeDays: 180 });
  const old = answer.rows.filter((row) => row.ageDays > 180);
  expect(answer.oldPrices).toEqual({
    ...{ count: old.length, of: answer.rows.length, maxAgeDays: 180 },
    oldest: "2023",
  });
  expect((await compare({ gpuModel: "a100", maxAgeDays: 3650 })).oldPrices).toBeNull();
});

test("what can't be booked here has a link, whoever lists it; only what nobody in particular asked has none", async () => {
  for (const gpuModel of ["a100", "h100", "rtx-4090", "l4"]) {
    const { rows } = await compare({ gpuModel });
    expect(rows.filter(({ link }) => link === null).map(({ provider }) => provider)).toEqual(
      gpuModel === "a100" ? ["a cloud (2023)"] : [],
    );
    for (const { link } of rows) expect(link ?? "https://").toMatch(/^https:\/\//);
  }
});

test("an unknown model is refused with the nearest ones", async () => {
  await expect(compare({ gpuModel: "a1000" })).rejects.toMatchObject({
    code: "gpu-model-unknown",
    input: { field: "gpuModel", given: "a1000" },
  });
});

test.each([
  { gpuModel: "a100", gpuCount: "0" },
  { gpuModel: "a100", days: "-1" },
  { gpuModel: "a100", hoursPerDay: "25" },
  { gpuModel: "" },
  { gpuModel: "a100", gpuCount: "1e99" },
])("%j can't be read", (query) => {
  expect(endpoints.compare.query.safeParse(query).success).toBe(false);
});

test("a live marketplace stands beside its own dated price, with the moment it was read and its link", async () => {
  const server = await startVastServer({ offers: [vastOffer(), vastOffer({ id: 2, dph_total: 2 })] });
  try {
    const answer = await compare({ gpuModel: "a100-40gb", gpuCount: 4 }, [
      vastConnector(server.url, ctx.clock),
    ]);
    const rows = answer.rows.filter(({ provider, tier }) => provider === "Vast.ai" && tier === "on_demand");
    expect(rows.map(({ source }) => source).sort()).toEqual(["catalogue", "vast.ai"]);
    expect(rows.find(({ source }) => source === "vast.ai")).toMatchObject({
      ...{ from: "offer 2", link: "https://cloud.vast.ai/", bookable: false, ageDays: 0, old: false },
      ...{ asOf: "2026-11-22T00:00:00.000Z", cost: { microUsdPerHour: 2_000_000n } },
    });
  } finally {
    await server.close();
  }
});

test("an inventory that fails is named, and keeps nobody else from answering", async () => {
  const broken: InventoryConnector = {
    name: "elsewhere",
    list: () => Promise.reject(new Error("secret detail")),
  };
  const answer = await compare({ gpuModel: "a100" }, [broken]);
  expect(answer.failures).toEqual([{ source: "elsewhere", reason: "it failed" }]);
  expect(answer.rows.length).toBeGreaterThan(8);
});

test("listings of all inventories stand cheapest first; only ours can be booked, and an unknown source is refused", async () => {
  const exchange = { signal: new AbortController().signal, requestId: "r" };
  const list = (query: Record<string, string>) =>
    compareRoutes(ctx, []).listListings(
      { query: endpoints.listListings.query.parse(query), params: {}, body: undefined as never },
      null,
      exchange,
    );
  const { items } = await list({ gpuModel: "a100", limit: "500" });
  expect(items.some(({ bookable, source }) => bookable !== (source === "network"))).toBe(false);
  expect(new Set(items.map(({ source }) => source))).toEqual(new Set(["network", "catalogue"]));
  for (const [index, { priceMicroUsdPerGpuHour }] of items.entries()) {
    expect(priceMicroUsdPerGpuHour).toBeGreaterThanOrEqual(items[index - 1]?.priceMicroUsdPerGpuHour ?? 0n);
  }
  const spot = await list({ gpuModel: "a100-40gb", source: "catalogue", tier: "spot", limit: "2" });
  expect(spot.items).toMatchObject([{ provider: "Dataoorts", tier: "spot" }, { provider: "GCP" }]);
  await expect(list({ gpuModel: "a100", source: "elsewhere" })).rejects.toMatchObject({
    input: { field: "source", allowed: "network, catalogue" },
  });
});
