import { setTimeout as sleep } from "node:timers/promises";
import { closeEscrowInstruction, readEscrow, send, stopInstruction } from "@ionet/chain";
import { address } from "@solana/kit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findCluster } from "../../clusters/store.ts";
import { reconcileEscrows } from "../../escrows/reconcile.ts";
import { newestReadings } from "../../metering/sign-reading.ts";
import { reconcileSettlement } from "../reconcile.ts";
import { settlementOf } from "../routes.ts";
import { DELIVERED, EARNED, openTestRental, type TestRental } from "../testing/rental.ts";

let rental: TestRental;
beforeAll(async () => {
  rental = await openTestRental();
});
afterAll(() => rental?.close());

test("a stopped cluster is settled: suppliers, treasury and engineer have it to the unit on the chain", async () => {
  const rented = await rental.rentOne();
  const before = await rental.balances(rented);
  const node = rented.nodes[2];
  expect(await newestReadings(rental.ctx, node?.id ?? rental.market.id("node"))).toHaveLength(1);
  await rental.end(rented);
  await rental.untilSettled(rented);
  await rental.expectPaidOnce(rented, before);
  await reconcileSettlement(rental.ctx);
  await rental.expectPaidOnce(rented, before);
  expect(await rental.market.gpusHeld()).toBe(0);
});

test("a running cluster's suppliers are paid by the hour, and only the difference at its end", async () => {
  const rented = await rental.rentOne();
  const before = await rental.balances(rented);
  await reconcileSettlement(rental.ctx);
  rental.market.clock.advance(3_600_000);
  await reconcileSettlement(rental.ctx);
  await sleep(1500);
  const paidSoFar = await rental.balances(rented);
  expect(paidSoFar.miner).toBe(EARNED[2].net);
  expect(paidSoFar.engineer).toBe(before.engineer);
  const settlement = await rental.settlement(rented);
  expect(settlement.state).toBe("open");
  expect(settlement.payouts.map((each) => each.seconds)).toEqual(DELIVERED);
  await rental.end(rented);
  await rental.untilSettled(rented);
  await rental.expectPaidOnce(rented, before);
});

test("an engineer who stops on the chain itself is stopped here, and everybody has what was earned till then", async () => {
  const rented = await rental.rentOne();
  const before = await rental.balances(rented);
  const record = await rental.escrowOf(rented);
  const escrow = await readEscrow(rental.net.chain, address(record.address), "confirmed");
  if (escrow === null) throw new Error("the escrow is open");
  const stop = await stopInstruction({ engineer: rental.net.engineer, escrow });
  await send(rental.net.chain, { payer: rental.net.engineer, instructions: [stop], commitment: "finalized" });
  await reconcileSettlement(rental.ctx);
  expect((await findCluster(rental.ctx, rented.clusterId))?.cluster.state).toBe("stopping");
  await rental.end(rented);
  await rental.untilSettled(rented);
  await rental.expectPaidOnce(rented, before);
});

test("two control planes at once settle a cluster once", async () => {
  const rented = await rental.rentOne();
  const before = await rental.balances(rented);
  await rental.end(rented);
  await Promise.all([rental.untilSettled(rented), rental.untilSettled(rented)]);
  await rental.expectPaidOnce(rented, before);
});

test("another account sees no settlement, and not that there is one", async () => {
  const rented = await rental.book();
  await reconcileEscrows(rental.ctx);
  await expect(settlementOf(rental.ctx, rental.market.id("account"), rented.clusterId)).rejects.toMatchObject(
    {
      code: "not-found",
    },
  );
});

test("an escrow that somebody released a day after its end is accounted for as the chain shows it", async () => {
  const rented = await rental.rentOne();
  const before = await rental.balances(rented);
  const place = address((await rental.escrowOf(rented)).address);
  await rental.net.advance(600 + 86_400);
  const escrow = await readEscrow(rental.net.chain, place, "confirmed");
  if (escrow === null) throw new Error("the escrow is open");
  const close = await closeEscrowInstruction({ escrow });
  await send(rental.net.chain, { payer: rental.net.payer, instructions: [close], commitment: "finalized" });
  await rental.end(rented);
  await rental.untilSettled(rented);
  expect(await rental.balances(rented)).toEqual({ ...before, engineer: before.engineer + rented.deposit });
  expect(await rental.settlement(rented)).toMatchObject({
    refunded: rented.deposit,
    fee: 0n,
    payouts: [{ paid: 0n }, { paid: 0n }, { paid: 0n }],
  });
});
