import { afterAll, beforeAll, expect, test } from "vitest";
import { expireHolds } from "../../../market/reservations/store.ts";
import { reconcileClusters } from "../../clusters/reconcile.ts";
import { findCluster } from "../../clusters/store.ts";
import { reconcileEscrows } from "../../escrows/reconcile.ts";
import { openTestRental, type TestRental } from "../testing/rental.ts";

let rental: TestRental;
beforeAll(async () => {
  rental = await openTestRental();
});
afterAll(() => rental?.close());

test("an escrow that differs from its reservation starts nothing and returns in full", async () => {
  const before = await rental.net.balance(rental.net.engineer.address);
  const rented = await rental.book((lease) => lease.ratePerHour - 1n);
  await reconcileEscrows(rental.ctx);
  await reconcileClusters(rental.ctx);
  expect(await findCluster(rental.ctx, rented.clusterId)).toBeNull();
  expect(await rental.escrowOf(rented)).toMatchObject({
    state: "refused",
    reason: expect.stringContaining("wrong-rate of lease 0"),
  });
  await rental.untilSettled(rented);
  expect(await rental.net.balance(rental.net.engineer.address)).toBe(before);
  expect(await rental.settlement(rented)).toMatchObject({
    refunded: rented.deposit,
    fee: 0n,
    payouts: [],
  });
});

test("money that comes after the hold has expired goes back in full", async () => {
  const before = await rental.net.balance(rental.net.engineer.address);
  const rented = await rental.book();
  rental.market.clock.advance(90_000);
  await expireHolds(rental.ctx.db, rental.market.clock.now());
  await reconcileEscrows(rental.ctx);
  expect(await rental.escrowOf(rented)).toMatchObject({ state: "refused" });
  await rental.untilSettled(rented);
  expect(await rental.net.balance(rental.net.engineer.address)).toBe(before);
});
