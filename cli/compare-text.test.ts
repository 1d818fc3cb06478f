import { type Comparison, microUsd, microUsdPerGpuHour } from "@ionet/protocol";
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
    link: null,
    note: "",
  },
  ...change,
});

const comparison = (change: Partial<Comparison> = {}): Comparison => ({
  ...{ gpuModels: ["a100-40gb"], gpuCount: 50, days: 25, hoursPerDay: 24 },
  network: { gpusFree: 56, enough: true, simulated: true, cost: cost(450_000n), note: "of 3 suppliers" },
  rows: [cloud()],
  failures: [],
  ...change,
});

test("the network stands first, simulated GPUs are named so, and sums are readable", () => {
  const lines = compareText(comparison()).split("\n");
  expect(lines[0]).toBe("50 × a100-40gb, 25 days of 24 h");
  expect(lines[4]).toMatch(
    /^ionet \(simulated GPUs\) +a100-40gb +on demand +\$0\.45 +\$22\.50 +\$540\.00 +\$13,500\.00/,
  );
  expect(lines[5]).toMatch(/^AWS .*\$2\.7447 .*\$82,341\.00 +\$68,841\.00 +83 % +2026-06-15 +price list$/);
});

test("an old price is marked, a live one has its minute, a dearer one of ours shows as a loss, and notes are not hidden", () => {
  const text = compareText(
    comparison({
      rows: [
        cloud({ asOf: "2023", old: true, note: "as printed, a day" }),
        cloud({ source: "vast.ai", provider: "Vast.ai", asOf: "2026-11-22T12:03:00.000Z" }),
        cloud({ tier: "spot", savedMicroUsd: microUsd(-6_000_000_000n), savedBps: -8000 }),
      ],
    }),
  );
  expect(text).toContain("2023 old");
  expect(text).toContain("price list (as printed, a day)");
  expect(text).toMatch(/Vast\.ai \(live\) .*2026-11-22 12:03/);
  expect(text).toMatch(/-\$6,000\.00 +-80 %/);
});

test("short supply and a silent inventory are said", () => {
  const network = {
    gpusFree: 0,
    enough: false,
    simulated: false,
    cost: null,
    note: "nobody offers this here just now",
  };
  const rows = [cloud({ savedMicroUsd: null, savedBps: null })];
  const text = compareText(
    comparison({ network, rows, failures: [{ source: "vast.ai", reason: "it can't be reached" }] }),
  );
  expect(text).toMatch(/^ionet \* +a100-40gb +on demand +– +– +– +–/m);
  expect(text).toContain("* nobody offers this here just now");
  expect(text).toContain("vast.ai: it can't be reached");
});
