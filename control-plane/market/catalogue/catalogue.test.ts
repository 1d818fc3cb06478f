import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gpuModel, gpuModels } from "@ionet/protocol";
import { expect, test } from "vitest";
import { ageDays, periodEndMs } from "./age.ts";
import { cataloguePrices, cloudPricesOf, costAt, newestOfEach } from "./cloud-prices.ts";
import { tariffOf, tariffs } from "./electricity.ts";
import { miningRevenueOf, miningRows } from "./mining.ts";
import { pageOf } from "./provider-pages.ts";
import { buildGpuModels, gpuModelsSource } from "./rebuild/gpu-models.ts";
import { rebuildCatalogues } from "./rebuild/rebuild.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const sources = process.env.IONET_CATALOGUE_SOURCES ?? `${root}../shared/data`;

test("every row names a model the market knows, a date and a source", () => {
  expect(cataloguePrices.length).toBeGreaterThan(500);
  for (const row of [...cataloguePrices, ...miningRows]) {
    expect([row.gpuModel, gpuModel(row.gpuModel)?.id]).toEqual([row.gpuModel, row.gpuModel]);
    expect(row.source).not.toBe("");
  }
  for (const { date } of cataloguePrices) expect(Number.isNaN(periodEndMs(date))).toBe(false);
  for (const { microUsd } of cataloguePrices) expect(microUsd).toBeGreaterThan(0n);
});

test("twenty providers and more stand in one format, on demand, spot and reserved", () => {
  expect(new Set(cataloguePrices.map(({ provider }) => provider)).size).toBeGreaterThan(20);
  expect(new Set(cataloguePrices.map(({ tier }) => tier)).size).toBe(5);
});

test("a price is exact for the job, whatever it was printed for", () => {
  const launch = cataloguePrices.find(({ provider }) => provider === "a cloud (2023)");
  expect(launch && costAt(launch, 50, 24 * 25)).toBe(100_000_000_000n);
  const aws = cataloguePrices.find(
    ({ gpuModel, provider, date, region, tier }) =>
      `${provider} ${gpuModel} ${date} ${region} ${tier}` === "AWS a100-40gb 2025-11-30 us-east-1 on_demand",
  );
  // 21.957642 USD an hour for eight.
  expect(aws && [costAt(aws, 8, 1), costAt(aws, 1, 1)]).toEqual([21_957_642n, 2_744_705n]);
});

test("of a provider's lists the newest counts, and of that the cheapest place", () => {
  const common = { provider: "P", tier: "on_demand", gpus: 1, hours: 1 };
  const chosen = newestOfEach([
    { ...common, date: "2025-11-30", microUsd: 1n },
    { ...common, date: "2026-06-15", microUsd: 9n },
    { ...common, date: "2026-06-15", microUsd: 16n, gpus: 2 },
  ]);
  expect(chosen).toMatchObject([{ date: "2026-06-15", gpus: 2 }]);
});

test("the launch's figure stands beside today's, marked with its year", () => {
  const aws = cloudPricesOf("a100-40gb").filter(({ provider }) => provider.startsWith("AWS"));
  // 59.78 USD a day for one.
  expect(
    aws.map(({ provider, priceMicroUsdPerGpuHour, asOf }) => [provider, priceMicroUsdPerGpuHour, asOf]),
  ).toEqual([
    ["AWS", 2_744_700n, "2026-06-15"],
    ["AWS (2023)", 2_490_833n, "2023"],
  ]);
});

test("a tariff is industrial, else business, else household, of the latest period", () => {
  expect(tariffOf("ID")).toMatchObject({ customer: "industrial", microUsdPerKwh: 67_000n, period: "2024" });
  expect(tariffOf("germany")).toMatchObject({ customer: "business", microUsdPerKwh: 272_800n });
  expect(tariffOf("us-tx")).toMatchObject({ customer: "business", microUsdPerKwh: 90_300n });
  expect(new Set(tariffs.map(({ code }) => code)).size).toBeGreaterThan(180);
});

test("no country and no state gets another kind of customer, or an older tariff, than the best that is known of it", () => {
  const ranks = ["industrial", "business", "household"];
  for (const code of new Set(tariffs.map((tariff) => tariff.code))) {
    const known = tariffs.filter((tariff) => tariff.code === code || tariff.code.startsWith(`${code}-`));
    const rank = Math.min(...known.map(({ customer }) => ranks.indexOf(customer)));
    const alike = known.filter(({ customer }) => ranks.indexOf(customer) === rank);
    const newest = Math.max(...alike.map(({ period }) => periodEndMs(period)));
    const { customer, period } = tariffOf(code);
    expect([code, customer, periodEndMs(period)]).toEqual([code, ranks[rank], newest]);
  }
});

test("the United States have no business tariff as a whole: the middle one of their 51 stands for it, and says so", () => {
  const states = tariffs.filter(({ code }) => code.startsWith("US-"));
  const middle = tariffOf("US");
  expect(middle).toMatchObject({ code: "US", customer: "business", country: "United States" });
  expect(middle.reliability).toMatch(/the middle one of 51 states, US-[A-Z]{2}'s/);
  expect(states.filter((state) => state.microUsdPerKwh <= middle.microUsdPerKwh).length).toBeGreaterThan(25);
  expect(states.filter((state) => state.microUsdPerKwh >= middle.microUsdPerKwh).length).toBeGreaterThan(25);
  expect(tariffOf("United States")).toEqual(middle);
});

test("every provider has a page, but for the one that is nobody in particular", () => {
  const providers = [...new Set(cataloguePrices.map(({ provider }) => provider))];
  expect(providers.filter((provider) => pageOf(provider) === null)).toEqual(["a cloud (2023)"]);
});

test("an unknown country is refused with the nearest ones", () => {
  expect(() => tariffOf("Indonesien")).toThrow(
    expect.objectContaining({
      code: "country-unknown",
      input: expect.objectContaining({
        field: "country",
        allowed: expect.stringContaining("ID (Indonesia)"),
      }),
    }),
  );
});

test("mining revenue is the best printed figure, never one of a coin that can't be mined any more, else an estimate", () => {
  const of = (id: string) => {
    const model = gpuModel(id);
    if (model === undefined) throw new Error(id);
    return miningRevenueOf(model);
  };
  expect(of("a100-40gb")).toMatchObject({ microUsdPerDay: 520_000n, basis: "published", wattsKnown: false });
  expect(of("rtx-3090")).toMatchObject({ microUsdPerDay: 650_000n, basis: "measured", watts: 330 });
  expect(of("rtx-4090")).toMatchObject({ microUsdPerDay: 500_000n, basis: "claimed" });
  // 3,360 ÷ 936.2 GB/s of the RTX 3090's 0.65 USD.
  expect(of("h100-80gb")).toMatchObject({ microUsdPerDay: 2_332_850n, basis: "estimated" });
  // The list has 2.30 USD for Ethereum before September 2022.
  expect(of("rtx-3080").basis).toBe("estimated");
  for (const model of gpuModels) expect(miningRevenueOf(model).microUsdPerDay).toBeGreaterThan(0n);
});

test("a period ends on its last day", () => {
  expect(
    ["2023", "2024-Q1", "2025-02", "2026-06-15"].map((period) =>
      new Date(periodEndMs(period)).toISOString().slice(0, 10),
    ),
  ).toEqual(["2023-12-31", "2024-03-31", "2025-02-28", "2026-06-15"]);
  expect(ageDays("2026-06-15", Date.parse("2026-06-20T23:59:59Z"))).toBe(5);
  expect(ageDays("2023", Date.parse("2023-05-01T00:00:00Z"))).toBe(0);
});

test("the catalogues are not rebuilt from a folder without their sources: one line, exit code 2, nothing written", () => {
  const before = readFileSync(`${root}protocol/generated/gpu-models.ts`);
  const main = `${root}control-plane/market/catalogue/rebuild/main.ts`;
  const { status, stderr } = spawnSync(process.execPath, [main, "--from", "/nowhere"], { encoding: "utf8" });
  expect([status, stderr]).toEqual([
    2,
    expect.stringMatching(/^catalogue: \/nowhere has no gpu_specs\.csv.*\n$/),
  ]);
  expect(readFileSync(`${root}protocol/generated/gpu-models.ts`)).toEqual(before);
});

test("what the list of specifications lacks is in the market, and what is not from it says so", () => {
  for (const id of ["gh200", "gh200-144gb", "gb200", "h20", "v100s"]) {
    expect([id, gpuModel(id)?.note]).toEqual([id, expect.stringMatching(/^not in the list; /)]);
  }
  const gh200 = cataloguePrices.filter((row) => row.gpuModel === "gh200");
  expect(gh200.map(({ provider }) => provider)).toEqual(["Lambda", "Spheron", "Vultr"]);
});

test.skipIf(!existsSync(`${sources}/gpu_specs.csv`))(
  "the catalogues are what `npm run catalogue` makes of their sources (skipped where these are not: IONET_CATALOGUE_SOURCES)",
  () => {
    expect(readFileSync(`${root}protocol/generated/gpu-models.ts`, "utf8")).toBe(
      gpuModelsSource(buildGpuModels(sources)),
    );
    for (const [file, text] of Object.entries(rebuildCatalogues(sources))) {
      expect(readFileSync(`${root}control-plane/market/catalogue/data/${file}`, "utf8")).toBe(text);
    }
  },
);
