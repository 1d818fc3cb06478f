import {
  createTokenAccountInstruction,
  genesisHash,
  readEscrow,
  readingBytes,
  send,
  settleInstructions,
  signReading,
} from "@ionet/chain";
import type { ReadingLease } from "@ionet/protocol";
import { address } from "@solana/kit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DELIVERED, EARNED, openTestRental, type Rented, type TestRental } from "../testing/rental.ts";

let rental: TestRental;
beforeAll(async () => {
  rental = await openTestRental();
});
afterAll(() => rental?.close());

/** Anybody puts a reading of the meter on the chain, when and as often as they like. */
async function submit(rented: Rented, leases: readonly ReadingLease[]): Promise<void> {
  const { net } = rental;
  const { address: place } = await rental.escrowOf(rented);
  const escrow = await readEscrow(net.chain, address(place), "confirmed");
  if (escrow === null) throw new Error("the escrow is open");
  const reading = await readingBytes({
    escrow,
    genesisHash: await genesisHash(net.chain),
    final: false,
    leases,
  });
  const instructions = await settleInstructions({
    ...{ reading, escrow, meter: net.meter.address, treasury: net.treasury },
    signature: await signReading(net.meter, reading),
  });
  await send(net.chain, { payer: net.engineer, instructions, commitment: "finalized" });
}

/** The seconds that the chain has accepted for each lease. */
async function accepted(rented: Rented): Promise<number[]> {
  const { address: place } = await rental.escrowOf(rented);
  const escrow = await readEscrow(rental.net.chain, address(place), "finalized");
  return escrow?.leases.map((lease) => lease.seconds) ?? [];
}

test("readings that come late, in part or again pay every supplier once", async () => {
  const { net } = rental;
  const rented = await rental.rentOne();
  const suppliers = [...new Set(rented.leases.map((lease) => address(lease.supplier)))];
  const accounts = suppliers.map((wallet) =>
    createTokenAccountInstruction({ payer: net.payer, wallet, mint: net.usdc }),
  );
  await send(net.chain, {
    payer: net.payer,
    instructions: await Promise.all(accounts),
    commitment: "finalized",
  });
  const before = await rental.balances(rented);
  const of = (...seconds: number[]) => seconds.map((each, index) => ({ index, seconds: each }));
  const [, , miners] = DELIVERED;

  // In part: the miner's newest, of the others nothing.
  await submit(rented, [{ index: 2, seconds: miners ?? 0 }]);
  expect(await accepted(rented)).toEqual([0, 0, 70]);
  expect((await rental.balances(rented)).miner - before.miner).toBe(EARNED[2].net);
  // Late: older than that for the miner, news of the others.
  await submit(rented, of(40, 55, 20));
  expect(await accepted(rented)).toEqual([40, 55, 70]);
  const paid = await rental.balances(rented);
  expect(paid.miner - before.miner).toBe(EARNED[2].net);
  // Older for all, and what is known again: nobody gets anything.
  await submit(rented, of(10, 20, 10));
  await submit(rented, of(40, 55, 20));
  await submit(rented, of(40, 55, 70));
  expect(await accepted(rented)).toEqual([40, 55, 70]);
  expect(await rental.balances(rented)).toEqual(paid);
  // In part again, then the end.
  await submit(rented, [{ index: 1, seconds: 90 }]);
  expect(await accepted(rented)).toEqual([40, 90, 70]);
  await rental.end(rented);
  await rental.untilSettled(rented);
  await rental.expectPaidOnce(rented, before);
}, 120_000);
