import { testOffer } from "@ionet/placement/testing";
import { expect, test } from "vitest";
import { hirableFor, longestSeconds, START_SECONDS } from "./hirable.ts";

const now = Date.UTC(2026, 0, 5, 12);
const until = (seconds: number) => new Date(now + seconds * 1000).toISOString();

test.each<[string, Parameters<typeof testOffer>[0], number, boolean]>([
  ["any duration where nothing is said", {}, 3600, true],
  ["the shortest", { minSeconds: 3600 }, 3600, true],
  ["not shorter", { minSeconds: 3600 }, 3599, false],
  ["the longest", { maxSeconds: 3600 }, 3600, true],
  ["not longer", { maxSeconds: 3600 }, 3601, false],
  [
    "what ends with its window, the start included",
    { availableUntil: until(3600 + START_SECONDS) },
    3600,
    true,
  ],
  ["not what would outlast its window", { availableUntil: until(3599 + START_SECONDS) }, 3600, false],
  ["not what is only listed", { bookable: false }, 3600, false],
])("an offer can be hired for %s", (_what, of, seconds, expected) => {
  expect(hirableFor(testOffer(of), seconds, now)).toBe(expected);
});

test.each<[string, Parameters<typeof testOffer>[0], number]>([
  ["its longest where it has no window", { maxSeconds: 3600 }, 3600],
  ["its longest within a longer window", { maxSeconds: 3600, availableUntil: until(9000) }, 3600],
  [
    "its window, the start taken off",
    { maxSeconds: 3600, availableUntil: until(1800) },
    1800 - START_SECONDS,
  ],
])("a lease quoted now may last for %s", (_what, of, expected) => {
  expect(longestSeconds(testOffer(of), now)).toBe(expected);
});
