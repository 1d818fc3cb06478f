import { afterAll, beforeAll, expect, test } from "vitest";
import { dyingAt } from "../../escrows/testing/crash.ts";
import { openTestRental, type TestRental } from "../testing/rental.ts";

let rental: TestRental;
beforeAll(async () => {
  rental = await openTestRental();
});
afterAll(() => rental?.close());

test("killed at any effect and started again, settlement pays exactly once", async () => {
  const waiting = await rental.rent(24);
  let effect = 0;
  for (let died = true; died; ) {
    const rented = waiting.pop();
    if (rented === undefined) throw new Error(`more than ${effect} effects: rent more clusters`);
    effect++;
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
  expect(effect).toBeGreaterThan(12);
}, 300_000);
