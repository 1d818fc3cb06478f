import { expect, test } from "vitest";
import { gpuSetOf, NO_GPUS } from "../../supply/inventory/allocation/gpu-set.ts";
import { type BackfillReservation, forbiddenGpus } from "../../supply/inventory/backfill.ts";
import { START_SECONDS } from "../../supply/inventory/hirable.ts";
import { meetDemand } from "../reservations/meet-demand.ts";
import { decideQueue } from "./decide-queue.ts";
import { newRoundRobin } from "./round-robin.ts";
import { freeAt, type SupplyForecast } from "./supply-forecast.ts";
import { nodeOf, requestOf, roundAt, supplyOf } from "./testing/requests.ts";

const MINUTE = 60_000;
const GPUS = 8;
const LONGEST_SECONDS = 2 * 3600;

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Eight GPUs, and somebody every two minutes who wants one for 20 minutes to two hours and takes what is free: more than there is.
 * After an hour a gang asks for all eight. Answers when it is served, the backfill reservation it had first, and how many singles
 * went before it meanwhile. A lease ends when its time is over at the latest, half of them earlier.
 */
async function simulate(seed: number, { keepsBackfills }: { keepsBackfills: boolean }) {
  const random = numbers(seed);
  const names = Array.from({ length: GPUS }, (_, index) => `n${index}`);
  const whole = supplyOf(Object.fromEntries(names.map((name) => [name, [0]])));
  const latest = new Map<string, number>();
  const real = new Map<string, number>();
  const turns = newRoundRobin();
  const gang = requestOf("gang", GPUS);
  let backfills: BackfillReservation[] = [];
  let reservedMs: number | null = null;
  let before = 0;
  for (let nowMs = 0; nowMs < 3 * 24 * 60 * MINUTE; nowMs += MINUTE) {
    for (const [nodeId, endMs] of real) {
      if (endMs > nowMs) continue;
      real.delete(nodeId);
      latest.delete(nodeId);
    }
    const supply = (): SupplyForecast =>
      whole.map(({ offer }) => ({ offer, freeAtMs: [latest.get(offer.nodeId) ?? 0] }));
    if (nowMs >= 60 * MINUTE) {
      const decision = await decideQueue([gang], supply(), roundAt(nowMs, { inForce: backfills, turns }));
      if (decision.book.length > 0) return { servedMs: nowMs, reservedMs, before };
      backfills = keepsBackfills ? decision.backfills : [];
      reservedMs ??= decision.backfills[0]?.fromMs ?? null;
    }
    if (nowMs % (2 * MINUTE) !== 0) continue;
    const durationSeconds = 1200 + Math.floor(random() * (LONGEST_SECONDS - 1200));
    const { demand } = requestOf("single", 1, { wanted: { durationSeconds } });
    const met = meetDemand(freeAt(supply(), nowMs), demand, { nowMs, backfills, requestId: null });
    for (const { offer } of met.shares ?? []) {
      const latestMs = nowMs + (START_SECONDS + durationSeconds) * 1000;
      const share = random() < 0.5 ? 1 : random();
      latest.set(offer.nodeId, latestMs);
      real.set(offer.nodeId, nowMs + (latestMs - nowMs) * share);
      if (nowMs >= 60 * MINUTE) before++;
    }
  }
  return { servedMs: null, reservedMs, before };
}

const seeds = [1, 2, 3, 4, 5, 6, 7, 8];

test.each(seeds)(
  "a gang of eight among singles is served by the time it was reserved first (seed %i)",
  async (seed) => {
    const { servedMs, reservedMs, before } = await simulate(seed, { keepsBackfills: true });
    if (servedMs === null || reservedMs === null) throw new Error("never served");
    // Rounds are a minute apart.
    expect(servedMs).toBeLessThan(reservedMs + MINUTE);
    expect(reservedMs).toBeLessThanOrEqual(60 * MINUTE + (START_SECONDS + LONGEST_SECONDS) * 1000);
    // And its GPUs did not all stand idle: who was gone in time went first.
    expect(before).toBeGreaterThan(0);
  },
);

test.each(seeds)(
  "without backfill reservations the same gang waits three days and is not served (seed %i)",
  async (seed) => {
    const { servedMs, before } = await simulate(seed, { keepsBackfills: false });
    expect([servedMs, before > 300]).toEqual([null, true]);
  },
);

test("nobody but the request itself may hold reserved GPUs beyond the backfill reservation", () => {
  const backfill = {
    nodeId: nodeOf("x"),
    gpus: gpuSetOf([1, 2]),
    fromMs: 100,
    requestId: requestOf("a", 1).id,
  };
  const may = (of: Partial<Parameters<typeof forbiddenGpus>[1]>) =>
    forbiddenGpus([backfill], { nodeId: nodeOf("x"), endsMs: 101, requestId: null, ...of });
  expect(may({})).toBe(backfill.gpus);
  expect(may({ requestId: requestOf("b", 1).id })).toBe(backfill.gpus);
  expect(may({ endsMs: 100 })).toBe(NO_GPUS);
  expect(may({ requestId: backfill.requestId })).toBe(NO_GPUS);
  expect(may({ nodeId: nodeOf("y") })).toBe(NO_GPUS);
});
