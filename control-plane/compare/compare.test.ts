import type { Answer, Call } from "@ionet/protocol";
import { endpoints } from "@ionet/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { InventoryConnector, Listing } from "../connectors/inventory-connector.ts";
import { startVastServer, vastOffer } from "../connectors/test-vast-server.ts";
import { vastConnector } from "../connectors/vast-connector.ts";
import { addTestNode } from "../nodes/test-node.ts";
import { openTestContext, type TestContext } from "../test-context.ts";
import { assemble } from "./compare.ts";
import { compareDemand } from "./compare-demand.ts";
import { compareRoutes } from "./routes.ts";

let ctx: TestContext;
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
  const read: Call<"compare">["query"] = endpoints.compare.query.parse(query);
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
  expect(answer.network).toMatchObject({ gpusFree: 56, enough: true, simulated: true });
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

test("when supply is short it says so and reckons with the cheapest known price; without offers it has none", async () => {
  const short = await compare({ gpuModel: "a100-40gb", gpuCount: 60 });
  expect(short.network).toMatchObject({
    enough: false,
    gpusFree: 56,
    note: expect.stringContaining("only 56 of 60"),
  });
  expect(short.network.cost?.microUsdPerHour).toBe(21_000_000n);
  const none = await compare({ gpuModel: "h100", gpuCount: 8 });
  expect(none.network).toMatchObject({ enough: false, cost: null });
  expect(none.rows.length).toBeGreaterThan(8);
  expect(none.rows.every(({ savedMicroUsd }) => savedMicroUsd === null)).toBe(true);
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

test("an offer whose GPUs are all hired tells its price, but nothing is assembled of it", () => {
  const hired: Listing = {
    ...{
      source: "network",
      provider: "s",
      gpuModel: "t4",
      tier: "on_demand",
      gpus: 1,
      hours: 1,
      microUsd: 5n,
    },
    ...{
      gpusFree: 0,
      region: "DE",
      date: "2026-01-01",
      from: "n",
      link: null,
      note: "",
      bookable: true,
      simulated: false,
    },
  };
  const job = { gpuModels: ["t4"], gpuCount: 2, days: 1, hoursPerDay: 24 };
  expect(assemble([hired], job)).toMatchObject({
    enough: false,
    gpusFree: 0,
    cost: { microUsdPerHour: 10n },
  });
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
