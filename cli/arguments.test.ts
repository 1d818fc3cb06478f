import { expect, test } from "vitest";
import { offeredPrice } from "./arguments.ts";

test("a price that the network would refuse is refused at once, with the range that is allowed", () => {
  expect(offeredPrice("1000")).toBe(1_000_000_000n);
  expect(offeredPrice("0.000001")).toBe(1n);
  for (const price of ["1000.000001", "0", "free"]) {
    expect(() => offeredPrice(price)).toThrow(`Given ${price}; allowed are US dollars per GPU-hour`);
    expect(() => offeredPrice(price)).toThrow("above 0, at most 1000.00");
  }
});
