import { randomBytes } from "node:crypto";
import { admitBookings, type Booking } from "../../market/reservations/admit.ts";
import { type Allocation, openAllocation } from "../../supply/inventory/allocation/allocation.ts";
import { type LiveOffers, openLiveOffers } from "../../supply/inventory/live-offers.ts";
import type { Context } from "../context.ts";
import { openTestDatabase } from "../database/testing/database.ts";
import { createLog } from "../http/log.ts";
import { createSignals, type Signals } from "../signals.ts";

/** A context for a test: a fresh database, a clock that the test moves, signals that nobody has to hear. */
export type TestContext = Context & {
  clock: { now(): number; advance(ms: number): void };
  signals: Signals;
  allocation: Allocation<Booking>;
  offers: LiveOffers;
  close(): Promise<void>;
};

export async function openTestContext(): Promise<TestContext> {
  const { db, openConnection, close } = await openTestDatabase();
  const signals = createSignals();
  const log = createLog("silent", process.stderr);
  const allocation = openAllocation({ openConnection, log }, admitBookings);
  let nowMs = Date.UTC(2026, 0, 1);
  const clock = {
    now: () => nowMs,
    advance: (ms: number) => {
      nowMs += ms;
    },
  };
  return {
    db,
    close: async () => {
      await allocation.stop();
      await close();
    },
    signals,
    allocation,
    offers: openLiveOffers({ db, clock }, allocation),
    clock,
    random: { bytes: (count) => new Uint8Array(randomBytes(count)) },
    log,
    wake: signals.wake,
    nodeChanged: signals.nodeChanged,
  };
}
