import { expect, test } from "vitest";
import { reliabilityOf, wilsonLowerBound } from "./reliability.ts";

test("no history is said as such", () => {
  expect(reliabilityOf({ promisedSeconds: 0, deliveredSeconds: 0 })).toEqual({
    share: 0,
    hiredHours: 0,
    lowerBound: 0,
  });
});

// The last column: the closed form of Wilson's interval, by another program.
test.each([
  [1, 1, 0.2065],
  [1, 10, 0.7225],
  [1, 100, 0.963],
  [1, 10_000, 0.9996],
  [0.5, 10, 0.2366],
  [0.9, 100, 0.8256],
  [0, 100, 0],
])("of a share of %f in %i hired hours at least %f is believed", (share, hours, bound) => {
  expect(wilsonLowerBound(share, hours)).toBeCloseTo(bound, 4);
  const seen = reliabilityOf({ promisedSeconds: hours * 3600, deliveredSeconds: share * hours * 3600 });
  expect(seen).toMatchObject({ hiredHours: hours, share });
  expect(seen.lowerBound).toBeCloseTo(bound, 4);
});
