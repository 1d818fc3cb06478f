import { type Earnings, microUsd, microUsdPerGpuHour } from "@ionet/protocol";
import { expect, test } from "vitest";
import { earningsText } from "./earnings-text.ts";

const earnings = (change: Partial<Earnings> = {}): Earnings => ({
  ...{ gpuModel: "a100-40gb", country: "ID", hiredBps: 6000, feeBps: 200, hiredWatts: 400, idleWatts: 60 },
  priceMicroUsdPerGpuHour: microUsdPerGpuHour(400_000n),
  tariff: {
    ...{ microUsdPerKwh: 67_000, customer: "industrial", period: "2024" },
    ...{ source: "a utility", reliability: "cited in source" },
  },
  renting: {
    grossMicroUsd: microUsd(5_760_000n),
    feeMicroUsd: microUsd(115_200n),
    electricityMicroUsd: microUsd(424_512n),
    netMicroUsd: microUsd(5_220_288n),
  },
  mining: {
    grossMicroUsd: microUsd(3_253_344n),
    watts: 400,
    electricityMicroUsd: microUsd(643_200n),
    netMicroUsd: microUsd(2_610_144n),
    ...{ basis: "published", period: "2023", source: "the launch" },
  },
  gainPercent: 77,
  breakEven: {
    against: "mining",
    priceMicroUsdPerGpuHour: microUsdPerGpuHour(220_000n),
    hiredBps: 3077,
  },
  ...{ clouds: [], facts: ["electricity, industrial, 2024: a utility"], estimates: [] },
  ...change,
});

test("whose tariff of which year was taken is said, and its source; the owner's own is called so", () => {
  const text = earningsText(earnings());
  expect(text.split("\n")[1]).toBe(
    "electricity $0.067 per kWh: industrial tariff of 2024 (cited in source; source below)",
  );
  expect(text).toContain("  electricity, industrial, 2024: a utility");
  const own = earnings({ tariff: { ...earnings().tariff, customer: "yours" } });
  expect(earningsText(own).split("\n")[1]).toBe("electricity $0.067 per kWh, as given");
});

test("renting and mining are bars of one scale, and the break-even is marked on the day", () => {
  const lines = earningsText(earnings()).split("\n");
  expect(lines).toContain(`renting  ${"█".repeat(40)} $5.22 a day`);
  expect(lines).toContain(`mining   ${"█".repeat(20)} $2.61 a day`);
  expect(lines.find((line) => line.startsWith("hired"))).toMatch(/ ├─{11}┃─{10}●─{15}┤ /);
});

test("a day that loses money has no bar, and a price at which renting never wins is told as that", () => {
  const { mining, breakEven } = earnings();
  const text = earningsText(
    earnings({
      mining: { ...mining, netMicroUsd: microUsd(-120_000n) },
      breakEven: { ...breakEven, hiredBps: null },
    }),
  );
  expect(text).toContain("\nmining   -$0.12 a day\n");
  expect(text).toContain("renting never wins at this price");
  expect(text).not.toContain("┃");
});
