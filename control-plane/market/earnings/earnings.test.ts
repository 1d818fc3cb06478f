import { type Answer, endpoints, MAX_PRICE, microUsdPerGpuHour } from "@ionet/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { estimateEarnings } from "./estimate-earnings.ts";
import { breakEvenPrice, breakEvenShare, electricityOfDay, rentingDay } from "./model.ts";

const FEE_BPS = 200;
const earnings = (query: Record<string, string>): Answer<"earnings"> =>
  estimateEarnings(endpoints.earnings.query.decode(query as never), FEE_BPS);
const a100 = { gpuModel: "a100-40gb", country: "ID", priceMicroUsdPerGpuHour: "400000", hiredBps: "6000" };

test("the network's own figures: mining an A100 brings 0.52 USD a day; renting it at 8.32 a day is +1,500 %; AWS asks 59.78", () => {
  const answer = earnings({ ...a100, priceMicroUsdPerGpuHour: "346667", hiredBps: "10000" });
  expect(answer.mining).toMatchObject({ grossMicroUsd: 520_000n, basis: "published", period: "2023" });
  // 346,667 × 24 is 8.32 USD to the thousandth of a cent.
  expect(answer.renting.grossMicroUsd).toBe(8_320_008n);
  expect(answer.gainPercent).toBe(1500);
  const aws = answer.clouds.find(({ provider }) => provider === "AWS (2023)");
  expect(aws && (aws.priceMicroUsdPerGpuHour * 24n + 5_000n) / 10_000n).toBe(5978n);
});

test("a day renting is price × hired hours − fee − electricity, to the last millionth", () => {
  const { renting, tariff, hiredWatts, idleWatts } = earnings(a100);
  expect([tariff.microUsdPerKwh, tariff.period, hiredWatts, idleWatts]).toEqual([67_000, "2024", 400, 60]);
  // 0.40 × 14.4 h = 5.76; 2 %; 0.4 kW × 14.4 h × 0.067 + 0.06 kW × 9.6 h × 0.067.
  expect(renting).toEqual({
    grossMicroUsd: 5_760_000n,
    feeMicroUsd: 115_200n,
    electricityMicroUsd: 385_920n + 38_592n,
    netMicroUsd: 5_760_000n - 115_200n - 424_512n,
  });
});

test("mining that loses money is compared with switching off", () => {
  const { mining, breakEven } = earnings(a100);
  // 0.4 kW × 24 h × 0.067 is more than 0.52.
  expect([mining.electricityMicroUsd, mining.netMicroUsd]).toEqual([643_200n, -123_200n]);
  expect(breakEven.against).toBe("switched off");
  const cheap = earnings({ ...a100, tariffMicroUsdPerKwh: "20000" });
  expect(cheap.breakEven.against).toBe("mining");
  expect(cheap.tariff).toMatchObject({ customer: "yours", source: "given by who asked" });
  expect(cheap.facts.join()).not.toContain("electricity");
  expect(cheap.estimates).toContain("what electricity costs was given by who asks");
});

test("a board that is named counts with its own power limit", () => {
  expect(earnings({ ...a100, gpuModel: "A100 PCIe 40GB" })).toMatchObject({
    gpuModel: "a100-40gb",
    hiredWatts: 250,
  });
});

test("what is measured and what is estimated are told apart, for an A100, a 4090 and an H100 in three countries", () => {
  for (const country of ["ID", "DE", "US-TX"]) {
    for (const gpuModel of ["a100-40gb", "rtx-4090", "h100"]) {
      const answer = earnings({ ...a100, country, gpuModel });
      expect(answer.facts.join("\n")).toContain(answer.tariff.source);
      expect(answer.estimates.length).toBeGreaterThan(2);
      const known = /measured|published/.test(answer.mining.basis);
      expect([gpuModel, answer.facts.some((fact) => fact.startsWith("mining revenue"))]).toEqual([
        gpuModel,
        known,
      ]);
      expect(answer.estimates.some((text) => text.startsWith("mining revenue"))).toBe(!known);
    }
  }
});

const cards = fc.record({
  hiredWatts: fc.integer({ min: 1, max: 2000 }),
  idleWatts: fc.integer({ min: 0, max: 300 }),
  microUsdPerKwh: fc.bigInt({ min: 0n, max: 1_000_000n }),
  feeBps: fc.integer({ min: 0, max: 500 }),
});
const prices = fc.bigInt({ min: 1n, max: 20_000_000n }).map(microUsdPerGpuHour);
const shares = fc.integer({ min: 0, max: 10_000 });
const targets = fc.bigInt({ min: 0n, max: 30_000_000n });

test("the break-even price is the lowest at which renting is worth the target", () => {
  fc.assert(
    fc.property(cards, shares, targets, (card, share, target) => {
      const price = breakEvenPrice(card, share, target);
      const worth = (of: bigint) => rentingDay(card, microUsdPerGpuHour(of), share).netMicroUsd >= target;
      if (price === null) return !worth(MAX_PRICE);
      return worth(price) && (price === 0n || !worth(price - 1n));
    }),
  );
});

test("from the break-even share on renting is worth the target, and just below it is not", () => {
  fc.assert(
    fc.property(cards, prices, targets, (card, price, target) => {
      const share = breakEvenShare(card, price, target);
      const worth = (bps: number) => rentingDay(card, price, bps).netMicroUsd >= target;
      if (share === null) return !worth(10_000);
      return worth(share) && (share === 0 || !worth(share - 1));
    }),
  );
});

test("no cost is rounded away", () => {
  expect(electricityOfDay(1, 1n)).toBe(1n);
  expect(electricityOfDay(0, 67_000n)).toBe(0n);
});

test.each([
  [{ gpuModel: "a100" }, "gpu-model-unknown", "a100-80gb"],
  [{ gpuModel: "rtx-3900" }, "gpu-model-unknown", "rtx-3090"],
  [{ country: "Germny" }, "country-unknown", "DE (Germany)"],
])("%j is refused as %s and %s is offered", (wrong, code, near) => {
  expect(() => earnings({ ...a100, ...wrong })).toThrow(
    expect.objectContaining({
      code,
      input: expect.objectContaining({ allowed: expect.stringContaining(near) }),
    }),
  );
});

test.each([{ hiredBps: "10001" }, { priceMicroUsdPerGpuHour: "-1" }, { idleWatts: "-5" }, { country: "" }])(
  "%j can't be read",
  (wrong) => {
    expect(endpoints.earnings.query.safeParse({ ...a100, ...wrong }).success).toBe(false);
  },
);
