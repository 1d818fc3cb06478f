import { expect, test } from "vitest";
import { leaseBudget, microUsdPerGpuHour, payout } from "./money.ts";
import { lamportRate, microUsdOf, microUsdPerSol } from "./sol-price.ts";
import { MAX_PRICE } from "./wire.ts";

const rate = (price: bigint, gpus: number, sol: bigint) =>
  lamportRate(microUsdPerGpuHour(price), gpus, microUsdPerSol(sol));

test("a rate in lamports is exact where it can be", () => {
  // $0.40 × 2 at $160 a SOL: a 200th of a SOL.
  expect(rate(400_000n, 2, 160_000_000n)).toBe(5_000_000n);
});

test("a rate in lamports is rounded up once, so that the dollars are never less than the price", () => {
  for (const [price, gpus, sol] of [
    [380_000n, 1, 142_370_001n],
    [1n, 1, 999_999_999_999n],
    [2_490_833n, 7, 97_131_717n],
    [333_333n, 3, 33_333_333n],
  ] as const) {
    const lamports = rate(price, gpus, sol);
    const asked = price * BigInt(gpus) * 1_000_000_000n;
    expect(lamports * sol).toBeGreaterThanOrEqual(asked);
    expect((lamports - 1n) * sol).toBeLessThan(asked);
  }
});

test("budget and payout in lamports follow the same formulas as in USDC", () => {
  const hourly = rate(380_000n, 1, 142_370_000n);
  expect(hourly).toBe(2_669_102n);
  // ⌈2,669,102 × 61 ÷ 3600⌉, ⌊2,669,102 × 61 ÷ 3600⌋, ⌊45,226 × 200 ÷ 10,000⌋
  expect(leaseBudget(hourly, 61)).toBe(45_227n);
  expect(payout(hourly, 61, 200)).toEqual({ gross: 45_226n, fee: 904n, net: 44_322n });
});

test("the dearest demand at the lowest price of SOL stays within 64 bits, and a lower price is no price", () => {
  expect(leaseBudget(rate(MAX_PRICE, 1000, 10_000n), 86_400)).toBe(2_400_000_000_000_000_000n);
  expect(() => microUsdPerSol(9_999n)).toThrow("allowed is from 10000");
  expect(() => rate(2n ** 64n - 1n, 1000, 10_000n)).toThrow(RangeError);
});

test("what lamports are worth is told in micro-USD", () => {
  expect(microUsdOf(2_669_102n, microUsdPerSol(142_370_000n))).toBe(380_000n);
});
