import { expect, test } from "vitest";
import { whoseFunds } from "./look-at-funds.ts";
import { backoffMs, FUNDS_SEEN_MS, LOOK_AT_FUNDS_MS, LOOKED_AT_ONCE, RETRY_MS } from "./model.ts";
import { requestOf } from "./testing/requests.ts";

/** More than can be looked at while what a wallet showed counts. */
const WAITING = (2 * LOOKED_AT_ONCE * FUNDS_SEEN_MS) / 1000;
const START_MS = 10 * FUNDS_SEEN_MS;

test("however many wait, and many of them can't pay, no backfill reservation lapses, and of the others nobody is looked at twice before all once", () => {
  const holder = requestOf(`r${WAITING - 1}`, 1).id;
  let waiting = Array.from({ length: WAITING }, (_, place) =>
    requestOf(`r${place}`, 1, { fundsSeenAtMs: START_MS - LOOK_AT_FUNDS_MS + place }),
  );
  const isPoor = (id: string) => /[02468]$/.test(id);
  const others: string[] = [];
  let oldestMs = 0;
  for (let nowMs = START_MS; others.length < WAITING - 1; nowMs += 1000) {
    const due = new Set(whoseFunds(waiting, new Set([holder]), nowMs).map(({ id }) => id));
    others.push(...[...due].filter((id) => id !== holder));
    waiting = waiting.map((request) => {
      if (!due.has(request.id)) return request;
      if (!isPoor(request.id)) return { ...request, fundsSeenAtMs: nowMs };
      return { ...request, fundsSeenAtMs: null, refusals: 1, tryAfterMs: nowMs + backoffMs(1) };
    });
    oldestMs = Math.max(oldestMs, nowMs - (waiting.at(-1)?.fundsSeenAtMs ?? 0));
  }
  expect(oldestMs).toBeLessThan(LOOK_AT_FUNDS_MS + 1000);
  expect(new Set(others.slice(0, WAITING - 1)).size).toBe(WAITING - 1);
});

test("nobody is looked at who stands back, or was looked at a moment ago, and only a few in a round", () => {
  const nowMs = START_MS;
  const seen = (name: string, fundsSeenAtMs: number | null, tryAfterMs = 0) =>
    requestOf(name, 1, { fundsSeenAtMs, tryAfterMs, refusals: fundsSeenAtMs === null ? 1 : 0 });
  const idsOf = (...waiting: ReturnType<typeof seen>[]) =>
    whoseFunds(waiting, new Set(), nowMs).map(({ id }) => id);
  expect(
    idsOf(
      seen("just", nowMs - LOOK_AT_FUNDS_MS + 1),
      seen("due", nowMs - LOOK_AT_FUNDS_MS),
      seen("back", null, nowMs + 1),
      // It was refused half a minute ago.
      seen("again", null, nowMs),
      seen("longest", nowMs - 2 * LOOK_AT_FUNDS_MS),
    ),
  ).toEqual(["req_longest", "req_due", "req_again"]);
  expect(RETRY_MS).toBeLessThan(LOOK_AT_FUNDS_MS);
  const many = Array.from({ length: LOOKED_AT_ONCE + 1 }, (_, place) => seen(`r${place}`, place));
  expect(idsOf(...many)).toHaveLength(LOOKED_AT_ONCE);
});
