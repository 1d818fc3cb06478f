import { expect, test } from "vitest";
import { decideQueue } from "./decide-queue.ts";
import { MOST_TRIES } from "./earliest.ts";
import { type RequestRecord, TELL_MS, TOLD_AT_ONCE } from "./model.ts";
import { MOST_OFFERS, newRoundRobin, whoseTurn } from "./round-robin.ts";
import type { SupplyForecast } from "./supply-forecast.ts";
import { requestOf, roundAt, supplyOf } from "./testing/requests.ts";
import { openTimeSlices } from "./time-slices.ts";

const HOUR = 3_600_000;
const NODES = 400;
/** A full market of two suppliers: each GPU is free at a time of its own. */
const full: SupplyForecast = supplyOf(
  Object.fromEntries(Array.from({ length: NODES }, (_, place) => [`n${place}`, [HOUR + place]])),
).map(({ offer, freeAtMs }, place) => ({ offer: { ...offer, supplier: `s${place % 2}` }, freeAtMs }));

const many = (count: number, gpus: number, wanted: NonNullable<Parameters<typeof requestOf>[2]>["wanted"]) =>
  Array.from({ length: count }, (_, place) => requestOf(`r${place}`, gpus, { wanted: { ...wanted } }));

/** Rounds a second apart over those that wait, who are told what there is to tell; what each cost in choices. */
async function rounds(requests: RequestRecord[], count: number, supply = full) {
  const turns = newRoundRobin();
  let waiting = requests;
  let inForce: Awaited<ReturnType<typeof decideQueue>>["backfills"] = [];
  const choices: number[] = [];
  for (let nowMs = 0; nowMs < count * 1000; nowMs += 1000) {
    const round = roundAt(nowMs, { turns, inForce });
    const { backfills, tell } = await decideQueue(waiting, supply, round);
    inForce = backfills;
    choices.push(round.work.done.choices);
    const told = new Map(tell.map(({ request, told }) => [request.id, { ...told, atMs: nowMs }]));
    waiting = waiting.map((request) => ({ ...request, told: told.get(request.id) ?? request.told }));
  }
  return { choices, waiting, inForce };
}

test("for those who pay less than anybody asks GPUs are chosen only to tell them why", async () => {
  const low = { maxPriceMicroUsdPerGpuHour: 1n as never };
  const { choices } = await rounds(many(20, 4, low), 30);
  expect(Math.max(...choices)).toBe(TOLD_AT_ONCE);
  // Each is told every ten seconds: four rounds of five, and then nothing until the first are due again.
  expect(choices.slice(0, 11)).toEqual([5, 5, 5, 5, 0, 0, 0, 0, 0, 0, 5]);
});

test("everybody is told why it waits in its turn, though what the oldest were told does not change", async () => {
  const { waiting } = await rounds(
    many(60, 4, { maxPriceMicroUsdPerGpuHour: 1n as never }),
    60 / TOLD_AT_ONCE,
  );
  expect(waiting.filter(({ told }) => told.waitsFor === null)).toEqual([]);
});

test("for more suppliers than there are, two choices are enough to know that no moment will do", async () => {
  const { choices, waiting } = await rounds(many(1, 4, { minSuppliers: 3 }), 3);
  // One to tell it why, one at the first moment with four GPUs free, one as if all were free.
  expect(choices).toEqual([3, 0, 0]);
  expect(waiting[0]?.told.earliestMs).toBeNull();
});

test("a gang that the first moments do not meet has its GPUs reserved after few choices, though not too late", async () => {
  // All of the second supplier's GPUs come free after those of the first.
  const late = full.map((stock, place) =>
    place % 2 === 0 ? stock : { ...stock, freeAtMs: [2 * HOUR + place] },
  );
  const { choices, inForce } = await rounds(many(1, 4, { minSuppliers: 2 }), 1, late);
  expect(choices[0]).toBeLessThanOrEqual(2 + MOST_TRIES);
  const [backfill] = inForce;
  expect(backfill?.fromMs).toBeGreaterThanOrEqual(2 * HOUR + 1);
  expect(backfill?.fromMs).toBeLessThan(2 * HOUR + NODES);
});

test("a backfill reservation stands without a choice until its request has its turn, and is then what it was", async () => {
  const { choices, inForce } = await rounds(many(1, 4, {}), TELL_MS / 1000);
  expect(choices.slice(1)).toEqual(choices.slice(1).map(() => 0));
  const again = await rounds(many(1, 4, {}), 1 + TELL_MS / 1000);
  expect(again.choices.at(-1)).toBeGreaterThan(0);
  expect(again.inForce).toEqual(inForce);
});

test("who is next has its GPUs reserved in the round after the one before it has left", async () => {
  const [first, next] = many(2, 4, {});
  if (first === undefined || next === undefined) throw new Error("nobody waits");
  const { waiting, inForce } = await rounds([first, next], 2);
  expect(new Set(inForce.map(({ requestId }) => requestId))).toEqual(new Set([first.id]));
  const left = waiting.filter(({ id }) => id === next.id);
  const turns = { chosen: new Map(), told: new Map([[next.id, 1000]]) };
  const { backfills } = await decideQueue(left, full, roundAt(2000, { turns, inForce }));
  expect(new Set(backfills.map(({ requestId }) => requestId))).toEqual(new Set([next.id]));
});

test("GPUs are chosen for as many as a round allows, for the others in the next rounds: nobody twice before all once", async () => {
  const ids = many(9, 1, {}).map(({ id }) => id);
  const lastMs = new Map(ids.map((id) => [id, 0]));
  const wishes = () => ids.map((id) => ({ id, lastMs: lastMs.get(id) ?? 0, offers: MOST_OFFERS / 2 }));
  const seen: string[] = [];
  for (let nowMs = 1; nowMs <= 5; nowMs++)
    for (const id of whoseTurn(wishes())) {
      seen.push(id);
      lastMs.set(id, nowMs);
    }
  expect(seen.slice(0, 9)).toEqual(ids);
  expect(
    whoseTurn(
      wishes()
        .slice(0, 1)
        .map((wish) => ({ ...wish, offers: MOST_OFFERS * 9 })),
    ).size,
  ).toBe(1);
});

test("others have their turn before each choice and between the requests", async () => {
  let pauses = 0;
  const work = openTimeSlices(async () => {
    pauses++;
  });
  await decideQueue(many(20, 4, {}), full, roundAt(0, { work }));
  expect(pauses).toBe(20 + work.done.choices);
});
