import { expect, test } from "vitest";
import { gpuSetOf } from "../../supply/inventory/allocation/gpu-set.ts";
import { decideQueue, type Round } from "./decide-queue.ts";
import { type RequestRecord, TELL_MS } from "./model.ts";
import { newRoundRobin } from "./round-robin.ts";
import type { SupplyForecast } from "./supply-forecast.ts";
import { nodeOf, requestOf, roundAt, supplyOf } from "./testing/requests.ts";

const HOUR = 3_600_000;
/** From a round to the end of an hour's lease that is booked in it. */
const BOOKED_HOUR = 300_000 + HOUR;

const seen = async (queue: RequestRecord[], supply: SupplyForecast, nowMs = 0, of: Partial<Round> = {}) => {
  const { book, backfills, tell } = await decideQueue(queue, supply, roundAt(nowMs, of));
  return {
    book: book.map(({ id }) => id),
    backfills: backfills.map(({ nodeId, gpus, fromMs, requestId }) => [nodeId, gpus, fromMs, requestId]),
    told: tell.map(({ request, told }) => [request.id, told.position, told.earliestMs]),
  };
};

test("in order of arrival each is booked that can be met, and what one takes the next has not", async () => {
  const queue = [
    requestOf("a", 1),
    requestOf("b", 2),
    requestOf("c", 1, { wanted: { durationSeconds: 86_400 } }),
  ];
  const { book, backfills, told } = await seen(queue, supplyOf({ x: [0, 0] }));
  // b waits for a's GPU and the other one, which c would not give back in time.
  expect(book).toEqual(["req_a"]);
  expect(backfills).toEqual([
    [nodeOf("x"), gpuSetOf([0]), 0, "req_a"],
    [nodeOf("x"), gpuSetOf([0, 1]), BOOKED_HOUR, "req_b"],
  ]);
  expect(told).toEqual([
    ["req_b", 2, BOOKED_HOUR],
    ["req_c", 3, null],
  ]);
});

test("the oldest that can't be met has its gang reserved from the first time at which all of it is free", async () => {
  const supply = supplyOf({ x: [0, 5 * HOUR], y: [3 * HOUR], z: [4 * HOUR] });
  expect(await seen([requestOf("gang", 3)], supply)).toEqual({
    book: [],
    backfills: ["x", "y", "z"].map((name) => [nodeOf(name), gpuSetOf([0]), 4 * HOUR, "req_gang"]),
    told: [["req_gang", 1, 4 * HOUR]],
  });
});

test.each<[what: string, seconds: number, booked: string[]]>([
  ["that ends as the gang begins", 4 * 3600 - 300, ["req_small"]],
  ["a second longer waits", 4 * 3600 - 299, []],
])("a younger one may go first on reserved GPUs: one %s", async (_what, durationSeconds, booked) => {
  const supply = supplyOf({ x: [0], y: [4 * HOUR] });
  const queue = [requestOf("gang", 2), requestOf("small", 1, { wanted: { durationSeconds } })];
  expect((await seen(queue, supply)).book).toEqual(booked);
});

test("a younger one goes first on GPUs that the gang will not take, however long", async () => {
  const supply = supplyOf({ x: [0, 0], y: [2 * HOUR, 2 * HOUR] });
  const limits = { minSuppliers: 2 };
  const queue = [
    requestOf("gang", 3, { wanted: limits }),
    requestOf("small", 1, { wanted: { durationSeconds: 86_400 } }),
  ];
  const { book, backfills } = await seen(queue, supply);
  // Of four GPUs one is over.
  expect(backfills).toHaveLength(2);
  expect(book).toEqual([]);
  const more = supplyOf({ x: [0, 0], y: [2 * HOUR, 2 * HOUR], z: [0] });
  expect((await seen(queue, more)).book).toHaveLength(1);
});

test.each<[what: string, first: RequestRecord]>([
  ["wants what nobody has", requestOf("first", 9)],
  [
    "pays less than anybody asks",
    requestOf("first", 2, { wanted: { maxPriceMicroUsdPerGpuHour: 1n as never } }),
  ],
  ["will have stopped waiting by then", requestOf("first", 2, { waitUntilMs: HOUR })],
  ["was refused for its wallet's sake a moment ago", requestOf("first", 2, { tryAfterMs: 1 })],
])("nobody waits for one that %s: the next has the backfill reservation", async (_what, first) => {
  const supply = supplyOf({ x: [0], y: [HOUR] });
  const queue = [first, requestOf("next", 2), requestOf("small", 1)];
  const { book, backfills } = await seen(queue, supply);
  expect(book).toEqual([]);
  expect(backfills.map(([, , , id]) => id)).toEqual(["req_next", "req_next"]);
});

test("one who stands back is not booked before its time, and then it is", async () => {
  const queue = [requestOf("a", 1, { tryAfterMs: 10 })];
  const supply = supplyOf({ x: [0] });
  expect((await seen(queue, supply, 9)).book).toEqual([]);
  expect((await seen(queue, supply, 10)).book).toEqual(["req_a"]);
});

test("each GPU model has a queue of its own", async () => {
  const other = supplyOf({ h: [HOUR] }, { gpuModel: "h100-80gb" });
  const mine = supplyOf({ x: [2 * HOUR] });
  const supply = [...mine, ...other];
  const queue = [requestOf("a", 1), requestOf("b", 1, { wanted: { gpuModel: "h100-80gb" } })];
  expect((await seen(queue, supply)).told).toEqual([
    ["req_a", 1, 2 * HOUR],
    ["req_b", 1, HOUR],
  ]);
});

test("what it waits for is told when it is new: its place at once, the rest at most every ten seconds", async () => {
  const waiting = requestOf("a", 2);
  const supply = supplyOf({ x: [0] });
  const [first] = (await decideQueue([waiting], supply, roundAt(0))).tell;
  expect(first?.told).toMatchObject({
    position: 1,
    waitsFor: { field: "gpuCount", given: "2", allowed: "at most 1 now", detail: expect.any(String) },
    earliestMs: null,
  });
  if (first === undefined) throw new Error("told nothing");
  const told = { ...waiting, told: { ...first.told, atMs: 0 } };
  expect((await decideQueue([told], supply, roundAt(60_000))).tell).toEqual([]);
  const empty = supplyOf({ x: [HOUR] });
  expect((await decideQueue([told], empty, roundAt(9_999))).tell).toEqual([]);
  expect((await decideQueue([told], empty, roundAt(10_000))).tell).toHaveLength(1);
  const behind = (await decideQueue([requestOf("b", 3, { tryAfterMs: 10 }), told], supply, roundAt(1))).tell;
  expect(behind.map(({ request, told: { position } }) => [request.id, position])).toContainEqual([
    "req_a",
    2,
  ]);
});

test("between its request's turns a backfill reservation stands as it is, and holds against those behind who have theirs", async () => {
  const turns = newRoundRobin();
  const longer = { wanted: { durationSeconds: 86_400 } };
  const gang = requestOf("gang", 2);
  const supply = supplyOf({ x: [0], y: [4 * HOUR] });
  const first = await decideQueue([gang], supply, roundAt(0, { turns }));
  const [told] = first.tell;
  if (told === undefined) throw new Error("told nothing");
  const queue = [{ ...gang, told: { ...told.told, atMs: 0 } }, requestOf("a", 2), requestOf("b", 1, longer)];
  // Since then y's lease has ended early: the gang could have its GPUs sooner, and others could take x until then.
  const sooner = supplyOf({ x: [0], y: [3 * HOUR] });
  const of = { turns, inForce: first.backfills };
  const stands = await decideQueue(queue, sooner, roundAt(TELL_MS - 1, of));
  expect([stands.backfills, stands.book]).toEqual([first.backfills, []]);
  expect(stands.tell.map(({ request }) => request.id)).toEqual(["req_a", "req_b"]);
  const { backfills } = await decideQueue(queue, sooner, roundAt(TELL_MS, of));
  expect(backfills).toEqual(first.backfills.map((one) => ({ ...one, fromMs: 3 * HOUR })));
});
