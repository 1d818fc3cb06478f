import { setTimeout as sleep } from "node:timers/promises";
import { readEscrow, send, stopInstruction } from "@ionet/chain";
import { address } from "@solana/kit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expireHolds } from "../../../market/reservations/store.ts";
import { reconcileClusters } from "../../clusters/reconcile.ts";
import { findCluster } from "../../clusters/store.ts";
import { reconcileEscrows } from "../../escrows/reconcile.ts";
import { escrowsOf } from "../../escrows/store.ts";
import { dyingAt } from "../../escrows/testing/crash.ts";
import { newestReadings } from "../../metering/sign-reading.ts";
import { reconcileSettlement } from "../reconcile.ts";
import { openTestRental, type Rented, type TestRental } from "../testing/rental.ts";

let rental: TestRental;
beforeAll(async () => {
  rental = await openTestRental();
});
afterAll(() => rental?.close());

/** Every lease in an escrow of its own: three escrows. */
const apart = { leasesPerEscrow: 1 };
const engineersBalance = () => rental.net.balance(rental.net.engineer.address);
const statesOf = async ({ clusterId }: Rented) =>
  (await escrowsOf(rental.ctx, clusterId)).map(({ state, reason }) => reason?.split(":")[0] ?? state);

test("a cluster of three escrows is paid out of each, to the unit, and is closed with the last", async () => {
  const rented = await rental.rentOne(apart);
  const found = await findCluster(rental.ctx, rented.clusterId);
  expect(found?.leases.map(({ index, escrowIndex }) => [index, escrowIndex])).toEqual([
    [0, 0],
    [1, 0],
    [2, 0],
  ]);
  expect(found?.leases.map(({ escrow }) => escrow)).toEqual(
    rented.reservation.escrows.map((escrow) => escrow.address),
  );
  // A supplier gets the reading of the escrow that pays it, and no other.
  for (const [index, node] of rented.nodes.entries()) {
    const readings = await newestReadings(rental.ctx, node.id);
    expect(readings.map(({ escrow }) => escrow)).toEqual([rented.reservation.escrows[index]?.address]);
  }
  const before = await rental.balances(rented);
  await rental.end(rented);
  await rental.untilSettled(rented);
  await rental.expectPaidOnce(rented, before);
  expect((await rental.settlement(rented)).escrows).toHaveLength(3);
});

test("one escrow that differs from what was agreed refunds all of them in full, and frees the GPUs", async () => {
  const before = await engineersBalance();
  const held = await rental.market.gpusHeld();
  let leases = 0;
  const rented = await rental.book((lease) => lease.ratePerHour - (leases++ === 1 ? 1n : 0n), apart);
  await reconcileEscrows(rental.ctx);
  await reconcileClusters(rental.ctx);
  expect(await findCluster(rental.ctx, rented.clusterId)).toBeNull();
  expect((await statesOf(rented)).toSorted()).toEqual([
    "another-refused",
    "another-refused",
    "wrong-rate of lease 0",
  ]);
  expect(await rental.market.gpusHeld()).toBe(held);
  await rental.untilSettled(rented);
  expect(await engineersBalance()).toBe(before);
  expect(await rental.settlement(rented)).toMatchObject({
    deposited: rented.deposit,
    refunded: rented.deposit,
    fee: 0n,
    payouts: [],
  });
});

test("a cluster waits for its last escrow, and forms once with all of them", async () => {
  const rented = await rental.book(undefined, { ...apart, opens: (position) => position !== 1 });
  await reconcileEscrows(rental.ctx);
  await reconcileClusters(rental.ctx);
  expect(await findCluster(rental.ctx, rented.clusterId)).toBeNull();
  expect(await statesOf(rented)).toEqual([]);
  await rental.open(rented.reservation, (position) => position === 1);
  await Promise.all([reconcileEscrows(rental.ctx), reconcileEscrows(rental.ctx)]);
  await Promise.all([reconcileClusters(rental.ctx), reconcileClusters(rental.ctx)]);
  expect(await statesOf(rented)).toEqual(["funded", "funded", "funded"]);
  expect((await findCluster(rental.ctx, rented.clusterId))?.leases).toHaveLength(3);
});

test("an escrow missing when the hold ends refunds the others in full, and the missing one too when it comes after all", async () => {
  const before = await engineersBalance();
  const rented = await rental.book(undefined, { ...apart, opens: (position) => position !== 2 });
  await reconcileEscrows(rental.ctx);
  expect(await statesOf(rented)).toEqual([]);
  rental.market.clock.advance(90_000);
  await expireHolds(rental.ctx.db, rental.market.clock.now());
  await reconcileEscrows(rental.ctx);
  expect(await statesOf(rented)).toEqual(["too-late", "too-late"]);
  await rental.untilSettled(rented);
  expect(await engineersBalance()).toBe(before);
  await rental.open(rented.reservation, (position) => position === 2);
  await reconcileEscrows(rental.ctx);
  expect(await statesOf(rented)).toEqual(["too-late", "too-late", "too-late"]);
  await rental.untilSettled(rented);
  expect(await engineersBalance()).toBe(before);
});

test("an engineer who stops one of the escrows on the chain has stopped the cluster", async () => {
  const rented = await rental.rentOne(apart);
  const before = await rental.balances(rented);
  const place = address(rented.reservation.escrows[1]?.address ?? "");
  const escrow = await readEscrow(rental.net.chain, place, "confirmed");
  if (escrow === null) throw new Error("the escrow is open");
  const stop = await stopInstruction({ engineer: rental.net.engineer, escrow });
  await send(rental.net.chain, { payer: rental.net.engineer, instructions: [stop], commitment: "finalized" });
  await reconcileSettlement(rental.ctx);
  expect((await findCluster(rental.ctx, rented.clusterId))?.cluster.state).toBe("stopping");
  await rental.end(rented);
  await rental.untilSettled(rented);
  await rental.expectPaidOnce(rented, before);
});

test("a running cluster's escrows are all paid by the hour", async () => {
  const rented = await rental.rentOne(apart);
  const before = await rental.balances(rented);
  await reconcileSettlement(rental.ctx);
  rental.market.clock.advance(3_600_000);
  await reconcileSettlement(rental.ctx);
  await sleep(1500);
  const settlement = await rental.settlement(rented);
  expect(settlement.state).toBe("open");
  expect(settlement.payouts.every(({ signature }) => signature !== null)).toBe(true);
  expect(settlement.payouts).toHaveLength(3);
  await rental.end(rented);
  await rental.untilSettled(rented);
  await rental.expectPaidOnce(rented, before);
});

test("killed at any effect of the settlement of three escrows and started again, everybody is paid exactly once", async () => {
  // Further apart than in the test of one escrow: between escrows is what is new.
  const waiting = await rental.rent(8, apart);
  let effect = 1;
  for (let died = true; died; effect += 7) {
    const rented = waiting.pop();
    if (rented === undefined) throw new Error(`more than ${effect} effects: rent more clusters`);
    const before = await rental.balances(rented);
    await rental.end(rented);
    const process = dyingAt(rental.ctx, effect);
    await rental.untilSettled(rented, process.ctx).catch((error: unknown) => {
      if (!process.died()) throw error;
    });
    died = process.died();
    await rental.untilSettled(rented);
    await rental.expectPaidOnce(rented, before);
  }
  expect(effect).toBeGreaterThan(20);
}, 300_000);
