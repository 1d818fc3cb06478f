import { setTimeout as sleep } from "node:timers/promises";
import { NATIVE_SOL, readEscrow, send, walletBalance } from "@ionet/chain";
import { address, type KeyPairSigner } from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import { afterAll, beforeAll, expect, test } from "vitest";
import { escrowsOf } from "../../escrows/store.ts";
import { WAITING_MS } from "../model.ts";
import { reconcileSettlement } from "../reconcile.ts";
import { EARNED, FEE, GROSS, openTestRental, type Rented, type TestRental } from "../testing/rental.ts";

let rental: TestRental;
beforeAll(async () => {
  rental = await openTestRental("SOL");
  await rental.net.giveLamports(rental.net.treasury, 10n ** 9n);
});
afterAll(() => rental?.close());

const placeOf = async ({ clusterId }: Rented) =>
  address((await escrowsOf(rental.ctx, clusterId))[0]?.address ?? "");
const lamportsOf = async (wallet: KeyPairSigner) =>
  await walletBalance(rental.net.chain, wallet.address, NATIVE_SOL, "confirmed");

test("a cluster in SOL is settled to the lamport: wallets are paid directly, rest and rent come back", async () => {
  const rented = await rental.rentOne();
  const before = await rental.balances(rented);
  await rental.end(rented);
  await rental.untilSettled(rented);
  await rental.expectPaidOnce(rented, before);
});

test("lamports that a stranger gave the escrow go to the engineer, and are no part of deposit or refund", async () => {
  const rented = await rental.rentOne();
  const before = await rental.balances(rented);
  const { payer, chain } = rental.net;
  const gift = getTransferSolInstruction({ source: payer, destination: await placeOf(rented), amount: 777n });
  await send(chain, { payer, instructions: [gift], commitment: "finalized" });
  await rental.end(rented);
  await rental.untilSettled(rented);
  await rental.expectPaidOnce({ ...rented, rent: rented.rent + 777n }, before);
});

/** Empties a wallet: what it earns is then less than an account must hold. */
async function empty(wallet: KeyPairSigner): Promise<void> {
  const amount = (await lamportsOf(wallet)) ?? 0n;
  const { payer, chain } = rental.net;
  const all = getTransferSolInstruction({ source: wallet, destination: payer.address, amount });
  await send(chain, { payer, instructions: [all], commitment: "finalized" });
}

test("a supplier's wallet too poor to take its share holds nobody up, costs no more transactions, and is paid once it can", async () => {
  const rented = await rental.rentOne();
  await empty(rented.miner);
  const before = await rental.balances(rented);
  const place = await placeOf(rented);
  await rental.end(rented);
  const rest = async () => (await readEscrow(rental.net.chain, place, "finalized"))?.remainder;
  await rental.reconcileUntil(async () => (await rest()) === EARNED[2].net);
  expect(await rental.balances(rented)).toEqual({
    dataCentre: before.dataCentre + EARNED[0].net + EARNED[1].net,
    miner: 0n,
    treasury: before.treasury + FEE,
    engineer: before.engineer + rented.deposit - GROSS,
  });
  const spent = await lamportsOf(rental.net.payer);
  for (let round = 0; round < 20; round++) {
    rental.market.clock.advance(10_000);
    await reconcileSettlement(rental.ctx);
    await sleep(20);
  }
  expect(await lamportsOf(rental.net.payer)).toBe(spent);
  expect(rental.market.logged.filter(({ level }) => level === "error")).toEqual([]);

  await rental.net.giveLamports(rented.miner.address, 890_880n);
  rental.market.clock.advance(WAITING_MS);
  await rental.untilSettled(rented);
  await rental.expectPaidOnce(rented, { ...before, miner: 890_880n });
});
