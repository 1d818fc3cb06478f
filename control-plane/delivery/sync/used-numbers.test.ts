import { expect, it } from "vitest";
import { createUsedNumbers } from "./used-numbers.ts";

it("a number is taken once, in any order within the window", () => {
  const numbers = createUsedNumbers();
  expect([1, 3, 2, 3, 2, 4].map(numbers.take)).toEqual([true, true, true, false, false, true]);
});

it("a number far behind the largest is refused, seen or not", () => {
  const numbers = createUsedNumbers();
  numbers.take(1000);
  expect([numbers.take(936), numbers.take(937)]).toEqual([false, true]);
});
