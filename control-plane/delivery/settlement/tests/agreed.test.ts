import {
  collectInstruction,
  createTokenAccountInstruction,
  type EscrowState,
  readEscrow,
  send,
  settleAgreedInstruction,
} from "@ionet/chain";
import { payout, ratePerHour } from "@ionet/protocol";
import { address, lamports } from "@solana/kit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EARNED, FEE, openTestRental, type Rented, type TestRental } from "../testing/rental.ts";

/** More than the meter has read of the miner's lease, and within what has passed. */
const AGREED_SECONDS = 95;

let rental: TestRental;
beforeAll(async () => {
  rental = await openTestRental();
});
afterAll(() => rental?.close());

async function escrowOf(rented: Rented): Promise<EscrowState> {
  const record = await rental.escrowOf(rented);
  const escrow = await readEscrow(rental.net.chain, address(record.address), "confirmed");
  if (escrow === null) throw new Error("the escrow is open");
  return escrow;
}

/** Engineer and miner sign for the miner's lease, without the meter. */
async function agree(rented: Rented): Promise<void> {
  const { chain, engineer, treasury } = rental.net;
  const instruction = await settleAgreedInstruction({
    ...{ engineer, supplier: rented.miner, escrow: await escrowOf(rented), treasury },
    ...{ lease: 2, seconds: AGREED_SECONDS },
  });
  await send(chain, { payer: engineer, instructions: [instruction], commitment: "finalized" });
}

const makeAccountOf = ({ miner }: Rented) =>
  createTokenAccountInstruction({ payer: rental.net.payer, wallet: miner.address, mint: rental.net.usdc });

/** The settlement says what the chain did: the agreed seconds, and what each wallet has more. */
async function expectAgreed(rented: Rented, before: Awaited<ReturnType<TestRental["balances"]>>) {
  const after = await rental.balances(rented);
  const agreed = payout(ratePerHour(rented.leases[2]?.ratePerHour ?? 0n), AGREED_SECONDS, 200);
  expect(after.dataCentre - before.dataCentre).toBe(EARNED[0].net + EARNED[1].net);
  expect(after.miner - before.miner).toBe(agreed.net);
  const settlement = await rental.settlement(rented);
  const { fee } = settlement;
  expect(fee).toBe(FEE - EARNED[2].fee + agreed.fee);
  expect(fee).toBe(after.treasury - before.treasury);
  expect(settlement.payouts[2]).toMatchObject({
    ...{ seconds: AGREED_SECONDS, paid: agreed.net, fee: agreed.fee, signature: expect.any(String) },
  });
  expect(settlement.refunded).toBe(after.engineer - before.engineer);
}

test("seconds agreed on beyond the meter's are in the settlement to the unit, with the chain's own account", async () => {
  const rented = await rental.rentOne();
  const { chain, payer } = rental.net;
  await send(chain, { payer, instructions: [await makeAccountOf(rented)], commitment: "finalized" });
  const before = await rental.balances(rented);
  await agree(rented);
  await rental.end(rented);
  await rental.untilSettled(rented);
  await expectAgreed(rented, before);
});

test("what was agreed on and could not be sent waits for its supplier without a failing settlement, then is accounted for", async () => {
  const rented = await rental.rentOne();
  const { miner } = rented;
  const { chain } = rental.net;
  await chain.rpc.requestAirdrop(miner.address, lamports(10n ** 9n)).send();
  const before = await rental.balances(rented);
  await agree(rented);
  const logged = rental.market.logged.length;
  await rental.end(rented);
  const waits = () =>
    rental.market.logged.slice(logged).some(({ message }) => message.includes("waits to be collected"));
  await rental.reconcileUntil(async () => waits());
  expect(rental.market.logged.slice(logged).filter(({ level }) => level === "error")).toEqual([]);
  const collect = await collectInstruction({ wallet: miner, escrow: await escrowOf(rented) });
  const instructions = [await makeAccountOf(rented), collect];
  await send(chain, { payer: rental.net.payer, instructions, commitment: "finalized" });
  await rental.untilSettled(rented, rental.ctx, 600_000);
  await expectAgreed(rented, before);
});
