import fc from "fast-check";
import { expect, test } from "vitest";
import {
  baseUnits,
  dollarRate,
  formatUnits,
  leaseBudget,
  microUsdPerGpuHour,
  parseUnits,
  payout,
  ratePerHour,
} from "./money.ts";

test("an hour of two GPUs at $0.40 pays 80 cents less 2 %", () => {
  const rate = dollarRate(microUsdPerGpuHour(400_000n), 2);
  expect(payout(rate, 3600, 200)).toEqual({ gross: 800_000n, fee: 16_000n, net: 784_000n });
});

test("paying in pieces pays exactly what paying at once does", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1n, max: 10n ** 12n }),
      fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 20 }),
      fc.integer({ min: 0, max: 500 }),
      (rate, steps, bps) => {
        let seconds = 0;
        let paid = 0n;
        let fees = 0n;
        for (const step of steps) {
          seconds += step;
          const due = payout(ratePerHour(rate), seconds, bps);
          paid += due.net - paid;
          fees += due.fee - fees;
        }
        const once = payout(ratePerHour(rate), seconds, bps);
        expect([paid, fees]).toEqual([once.net, once.fee]);
      },
    ),
  );
});

test("no second within the budget can earn more than the budget", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1n, max: 10n ** 12n }),
      fc.integer({ min: 1, max: 10 ** 7 }),
      (rate, seconds) => {
        const budget = leaseBudget(ratePerHour(rate), seconds);
        expect(payout(ratePerHour(rate), seconds, 200).gross).toBeLessThanOrEqual(budget);
        expect(budget - payout(ratePerHour(rate), seconds, 200).gross).toBeLessThanOrEqual(1n);
      },
    ),
  );
});

test("an amount outside u64 is refused and says what is allowed", () => {
  expect(() => baseUnits(-1n)).toThrow(/allowed is 0 to/);
  expect(() => baseUnits(2n ** 64n)).toThrow(/allowed is 0 to/);
});

test("amounts are written as people read them, and read back", () => {
  expect(formatUnits(1_500_000n, 6)).toBe("1.50");
  expect(formatUnits(1n, 6)).toBe("0.000001");
  expect(formatUnits(-20_000n, 6)).toBe("-0.02");
  expect(parseUnits("1.5", 6)).toBe(1_500_000n);
  expect(parseUnits("1.1234567", 6)).toBeNull();
  expect(parseUnits("-1", 6)).toBeNull();
});
