import { makeId } from "@ionet/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  billableSpan,
  billedSeconds,
  type CountedLease,
  type CountedStatement,
  contradictedMs,
  countable,
  countMilliseconds,
} from "./model.ts";

const id = makeId("lease", new Uint8Array(20));
const another = makeId("lease", new Uint8Array(20).fill(1));
const worker: CountedLease = { id, role: "worker", gpus: [0, 1], billableFromMs: 0, billableUntilMs: null };
const head: CountedLease = { ...worker, role: "head" };

/** Statements at these seconds. */
const chain = (...seconds: number[]): CountedStatement[] =>
  seconds.map((second, sequence) => ({ sequence, atMs: second * 1000, gpus: [0, 1], peersAlive: null }));
/** The head's words: alive or not, at these seconds. */
const words = (alive: boolean, ...seconds: number[]): CountedStatement[] =>
  chain(...seconds).map((each) => ({ ...each, peersAlive: alive ? [another, id] : [another] }));

const table: [
  behaviour: string,
  own: CountedStatement[],
  head: CountedStatement[],
  lease: CountedLease,
  ms: number,
][] = [
  ["nothing from one statement", chain(5), [], worker, 0],
  ["what lies between two statements", chain(0, 10), [], worker, 10_000],
  ["the odd end exactly", chain(0, 10, 13.7), [], worker, 13_700],
  ["a hole of 15 s", chain(0, 15), [], worker, 15_000],
  [
    "nothing in a hole of more than 15 s, but what is around it",
    chain(0, 10, 25.001, 35),
    [],
    worker,
    19_999,
  ],
  ["what the head confirms", chain(0, 10, 20), words(true, 5, 15), worker, 20_000],
  ["nothing that the head contradicts", chain(0, 10, 20), words(false, 5, 15), worker, 0],
  [
    "only the part that the head does not contradict",
    chain(0, 10, 20),
    [...words(true, 5), ...words(false, 15)],
    worker,
    10_000,
  ],
  [
    "a stretch in which the head saw it once",
    chain(0, 10),
    [...words(false, 1), ...words(true, 9)],
    worker,
    10_000,
  ],
  ["a stretch in which the head was silent", chain(0, 10), words(false, 11, 30), worker, 10_000],
  ["a head's lease by its own chain", chain(0, 10), words(false, 5), head, 10_000],
  [
    "nothing after the lease was asked to stop",
    chain(0, 10, 20, 30),
    [],
    { ...worker, billableUntilMs: 14_000 },
    14_000,
  ],
  ["nothing before the lease may earn", chain(0, 10, 20), [], { ...worker, billableFromMs: 14_000 }, 6_000],
  [
    "nothing without one of the lease's GPUs",
    chain(0, 10, 20).map((each, index) => ({ ...each, gpus: index === 2 ? [0] : [0, 1] })),
    [],
    worker,
    10_000,
  ],
];

test.each(table)("counted is %s", (_behaviour, own, headWords, lease, ms) => {
  expect(countMilliseconds(own, headWords, lease)).toBe(ms);
});

test("counting in pieces that share their ends counts what counting at once does", () => {
  const gaps = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(gaps, fc.array(fc.nat(300)), fc.nat(29), (steps, contradictions, cut) => {
      let atMs = 0;
      const own = steps.map((step, sequence) => {
        atMs += step;
        return { sequence, atMs, gpus: [0, 1], peersAlive: null };
      });
      const said = words(false, ...contradictions);
      const first = own.slice(0, cut + 1);
      const rest = own.slice(Math.min(cut, own.length - 1));
      expect(countMilliseconds(first, said, worker) + countMilliseconds(rest, said, worker)).toBe(
        countMilliseconds(own, said, worker),
      );
    }),
  );
});

test("a lease that served is billed its minimum, none is billed above its budget", () => {
  const joined = { served: true, minimumSeconds: 60, maxSeconds: 100 };
  expect(billedSeconds(0, joined)).toBe(60);
  expect(billedSeconds(61_999, joined)).toBe(61);
  expect(billedSeconds(200_000, joined)).toBe(100);
  expect(billedSeconds(0, { ...joined, maxSeconds: 30 })).toBe(30);
  expect(billedSeconds(0, { ...joined, served: false })).toBe(0);
});

const received = (own: CountedStatement[], receivedAtMs: number) =>
  own.map((each) => ({ ...each, receivedAtMs }));

test("a stretch is counted once the head has spoken past it, or was silent for 30 s, or is gone", () => {
  const own = received(chain(0, 10, 20), 20_000);
  const known = { headLastAtMs: 12_000, headEnded: false, nowMs: 25_000 };
  expect(countable(own, worker, known)).toHaveLength(2);
  expect(countable(own, worker, { ...known, headLastAtMs: 20_000 })).toHaveLength(3);
  expect(countable(own, worker, { ...known, nowMs: 50_000 })).toHaveLength(3);
  expect(countable(own, worker, { ...known, headEnded: true })).toHaveLength(3);
  expect(countable(own, head, known)).toHaveLength(3);
});

test("a lease earns from its joining, as far as clocks may differ, to its stop or end, whichever was first", () => {
  const lease = { assignedAtMs: 5_000, joinedAtMs: 40_000, stopAskedAtMs: null, endedAtMs: null };
  expect(billableSpan(lease)).toEqual({ billableFromMs: 30_000, billableUntilMs: null });
  expect(billableSpan({ ...lease, joinedAtMs: 9_000 }).billableFromMs).toBe(5_000);
  expect(billableSpan({ ...lease, endedAtMs: 90_000 }).billableUntilMs).toBe(90_000);
  expect(billableSpan({ ...lease, stopAskedAtMs: 80_000, endedAtMs: 90_000 }).billableUntilMs).toBe(80_000);
});

test("a head contradicts a lease for as long as its newest words lack it without a break", () => {
  expect(contradictedMs(words(false, 0, 10, 20, 30), id)).toBe(30_000);
  expect(contradictedMs([...words(false, 0, 10), ...words(true, 15), ...words(false, 20, 30)], id)).toBe(
    10_000,
  );
  expect(contradictedMs([...words(false, 0, 10, 20), ...words(true, 30)], id)).toBe(0);
  expect(contradictedMs(words(false, 0, 10, 26, 36), id)).toBe(10_000);
  expect(contradictedMs([...words(false, 0, 10), ...chain(20), ...words(false, 30)], id)).toBe(0);
  expect(contradictedMs([], id)).toBe(0);
});
