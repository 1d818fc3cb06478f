import { type Assembly, type Comparison, microUsd, microUsdPerGpuHour } from "@ionet/protocol";
import { expect, test } from "vitest";
import { compareText } from "./compare-text.ts";

const cost = (price: bigint) => ({
  priceMicroUsdPerGpuHour: microUsdPerGpuHour(price),
  microUsdPerHour: microUsd(price * 50n),
  microUsdPerDay: microUsd(price * 1_200n),
  microUsdForJob: microUsd(price * 30_000n),
});

const cloud = (change: Partial<Comparison["rows"][number]> = {}): Comparison["rows"][number] => ({
  ...{ source: "catalogue", provider: "AWS", gpuModel: "a100-40gb", tier: "on_demand", region: "us-east-1" },
  ...{ cost: cost(2_744_700n), savedMicroUsd: microUsd(68_841_000_000n), savedBps: 8360 },
  ...{
    asOf: "2026-06-15",
    ageDays: 160,
    old: false,
    bookable: false,
    from: "price list",
    link: "https://cloud.example/prices",
    note: "",
  },
  ...{ savedAgainst: "on_demand", savedRestsOn: "quotable" },
  ...change,
});

const assembly = (change: Partial<Assembly> = {}): Assembly => ({
  ...{ gpuModel: "a100-40gb", enough: true, leaseSeconds: 2_160_000, gpus: 50, suppliers: 3, nodes: 3 },
  ...{ simulated: true, cost: cost(450_000n), assumed: null, gpusFree: 56, leftOut: [], shorter: null },
  note: "all 50 a100-40gb can be had now",
  ...change,
});

const comparison = (change: Partial<Comparison> = {}): Comparison => ({
  ...{ gpuModels: ["a100-40gb"], gpuCount: 50, days: 25, hoursPerDay: 24 },
  ...{ network: assembly(), interruptible: null, rows: [cloud()], oldPrices: null, failures: [] },
  ...change,
});

test("the network stands first, simulated GPUs are named so, and sums are readable", () => {
  const lines = compareText(comparison()).split("\n");
  expect(lines[0]).toBe("50 × a100-40gb, 25 days of 24 h");
  expect(lines[4]).toMatch(
    /^ionet \(simulated GPUs\) +a100-40gb +on demand +\$0\.45 +\$22\.50 +\$540\.00 +\$13,500\.00/,
  );
  expect(lines[5]).toMatch(
    /^AWS .*\$2\.7447 .*\$82,341\.00 +█+ +\$68,841\.00 +83 % +2026-06-15 +https:\/\/cloud\.example\/prices$/,
  );
  expect(lines).toContain("ionet: all 50 a100-40gb can be had now");
  expect(lines.at(-2)).toBe(
    "Saved is for the job, against ionet's price on demand; it rests on GPUs that can be had now.",
  );
});

test("an old price is marked, a live one has its minute, a dearer one of ours shows as a loss, and notes are not hidden", () => {
  const text = compareText(
    comparison({
      rows: [
        cloud({ asOf: "2023", old: true, note: "as printed, a day", link: null }),
        cloud({ source: "vast.ai", provider: "Vast.ai", asOf: "2026-11-22T12:03:00.000Z" }),
        cloud({ tier: "spot", savedMicroUsd: microUsd(-6_000_000_000n), savedBps: -8000 }),
      ],
      oldPrices: { count: 1, of: 3, maxAgeDays: 180, oldest: "2023" },
    }),
  );
  expect(text).toContain("2023 old");
  expect(text).toContain('Warning: 1 of 3 prices is older than 180 days ("old"); the oldest is of 2023.');
  expect(text).toContain("price list (as printed, a day)");
  expect(text).toMatch(/Vast\.ai \(live\) .*2026-11-22 12:03/);
  expect(text).toMatch(/-\$6,000\.00 +-80 %/);
});

test("short supply and a silent inventory are said", () => {
  const network = assembly({
    ...{ gpuModel: null, enough: false, simulated: false, cost: null, gpus: 0, gpusFree: 0 },
    note: "nobody offers this here just now",
  });
  const rows = [cloud({ savedMicroUsd: null, savedBps: null, savedAgainst: null, savedRestsOn: null })];
  const text = compareText(
    comparison({ network, rows, failures: [{ source: "vast.ai", reason: "it can't be reached" }] }),
  );
  expect(text).toMatch(/^ionet \* +a100-40gb +on demand +– +– +– +–/m);
  expect(text).toContain("* ionet: nobody offers this here just now");
  expect(text).toContain("vast.ai: it can't be reached");
});

test("what rests on an assumed price is marked, cost and savings alike", () => {
  const assumed = { gpus: 34, priceMicroUsdPerGpuHour: microUsdPerGpuHour(450_000n) };
  const network = assembly({ enough: false, gpus: 16, assumed });
  const text = compareText(comparison({ network, rows: [cloud({ savedRestsOn: "partly assumed" })] }));
  expect(text).toMatch(/^ionet \(simulated GPUs\) \* .*~\$0\.45 +~\$22\.50 +~\$540\.00 +~\$13,500\.00/m);
  expect(text).toMatch(/^AWS .* \$82,341\.00 .*~\$68,841\.00 +83 %/m);
  expect(text).toContain("~ rests partly on an assumed price");
});

test("the interruptible price has its own row, and savings of spot prices say that they are against it", () => {
  const interruptible = assembly({ cost: cost(200_000n), note: "all 50 a100-40gb at the lower price" });
  const rows = [cloud(), cloud({ tier: "spot", savedAgainst: "interruptible" })];
  const lines = compareText(comparison({ interruptible, rows })).split("\n");
  expect(lines[5]).toMatch(/^ionet \(simulated GPUs\) +a100-40gb +interruptible +\$0\.20 +\$10\.00/);
  expect(lines).toContain("ionet, interruptible: all 50 a100-40gb at the lower price");
  expect(lines.at(-2)).toContain("of spot prices against ionet's interruptible price");
});
