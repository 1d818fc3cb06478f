import type { EndReason } from "@ionet/protocol";
import { expect, test } from "vitest";
import { deliveryOf } from "./delivery.ts";

/** A lease hired for ten hours that joined at 0 and ended after an hour, unless told. */
const lease = (
  reason: EndReason,
  deliveredSeconds: number,
  more: Partial<Parameters<typeof deliveryOf>[0]> = {},
) => ({
  reason,
  stopReason: null,
  deliveredSeconds,
  joinedAtMs: 0,
  stopAskedAtMs: null,
  endedAtMs: 3_600_000,
  maxSeconds: 36_000,
  ...more,
});
const never = { joinedAtMs: null };
const owed = (promisedSeconds: number, deliveredSeconds: number) => ({ promisedSeconds, deliveredSeconds });

test.each<[string, ReturnType<typeof lease>, ReturnType<typeof owed> | null]>([
  ["the engineer's stop is not held against it", lease("stopped-by-engineer", 3590), owed(3585, 3585)],
  [
    "time until the stop was asked for counts, not until it was done",
    lease("stopped-by-engineer", 1800, { stopAskedAtMs: 1_800_000 }),
    owed(1785, 1785),
  ],
  ["seconds it did not deliver until then are", lease("stopped-by-engineer", 1785), owed(3585, 1785)],
  ["a head that was lost is not the worker's doing", lease("head-lost", 3590), owed(3585, 3585)],
  [
    "all its time is all its time",
    lease("budget-spent", 36_000, { endedAtMs: 36_000_000 }),
    owed(35_985, 35_985),
  ],
  ["an agent that was lost owed the rest", lease("agent-lost", 3600), owed(36_000, 3600)],
  [
    "a reclaimed lease owed the time until its notice was over",
    lease("reclaimed-by-supplier", 3590),
    owed(3585, 3585),
  ],
  ["a supplier who withdrew owed the rest", lease("supplier-withdrew", 3600), owed(36_000, 3600)],
  ["a start that failed delivered nothing", lease("ray-failed-to-start", 0, never), owed(36_000, 0)],
  [
    "a failure in a month's lease counts for a day",
    lease("agent-lost", 3600, { maxSeconds: 30 * 86_400 }),
    owed(90_000, 3600),
  ],
  [
    "who was stopped for another's failure owed the time until then",
    lease("ray-failed-to-start", 3590, { stopReason: "ray-failed-to-start" }),
    owed(3585, 3585),
  ],
  [
    "who was stopped for another's and went silent then owed the rest",
    lease("agent-lost", 3590, { stopReason: "ray-failed-to-start" }),
    owed(36_000, 3590),
  ],
  ["who was too late kept the others", lease("forming-timed-out", 0, never), owed(36_000, 0)],
  ["who was in time did not", lease("forming-timed-out", 60, { endedAtMs: 75_000 }), owed(60, 60)],
  ["a contradiction is nobody's that can be told", lease("head-contradicts", 1200), owed(1200, 1200)],
  ["our own silence is not the node's", lease("control-plane-silent", 1200), owed(1200, 1200)],
  ["a lease stopped before it joined owed nothing", lease("stopped-by-engineer", 0, never), null],
  ["nor one of a few seconds", lease("stopped-by-engineer", 60, { endedAtMs: 10_000 }), null],
])("%s", (_what, given, expected) => {
  expect(deliveryOf(given)).toEqual(expected);
});
