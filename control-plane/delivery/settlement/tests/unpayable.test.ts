import { setTimeout as sleep } from "node:timers/promises";
import { createTokenAccountInstruction, readEscrow, send, tokenAccountOf, tokenBalance } from "@ionet/chain";
import { type Address, address, generateKeyPairSigner, type KeyPairSigner, lamports } from "@solana/kit";
import {
  AuthorityType,
  getCloseAccountInstruction,
  getSetAuthorityInstruction,
  getTransferInstruction,
} from "@solana-program/token";
import { afterAll, beforeAll, expect, test } from "vitest";
import { reconcileEscrows } from "../../escrows/reconcile.ts";
import { reconcileSettlement } from "../reconcile.ts";
import { settlementsOf } from "../store.ts";
import { EARNED, FEE, GROSS, openTestRental, type TestRental } from "../testing/rental.ts";

let rental: TestRental;
beforeAll(async () => {
  rental = await openTestRental();
});
afterAll(() => rental?.close());

test("a supplier that gave its token account away holds nobody up, and its share waits in the escrow", async () => {
  const rented = await rental.rentOne();
  const { miner } = rented;
  await rental.net.chain.rpc.requestAirdrop(miner.address, lamports(10n ** 9n)).send();
  const account = await createTokenAccountInstruction({
    payer: miner,
    wallet: miner.address,
    mint: rental.net.usdc,
  });
  const giveAway = getSetAuthorityInstruction({
    owned: await tokenAccountOf(miner.address, rental.net.usdc),
    owner: miner,
    authorityType: AuthorityType.AccountOwner,
    newAuthority: (await generateKeyPairSigner()).address,
  });
  await send(rental.net.chain, { payer: miner, instructions: [account, giveAway], commitment: "finalized" });
  const before = await rental.balances(rented);
  await rental.end(rented);
  const [first, second, third] = EARNED;
  const rest = async () => {
    const place = address((await rental.escrowOf(rented)).address);
    return (await readEscrow(rental.net.chain, place, "finalized"))?.remainder;
  };
  for (let round = 0; round < 50 && (await rest()) !== third.net; round++) {
    rental.market.clock.advance(1000);
    await reconcileSettlement(rental.ctx);
    await sleep(200);
  }
  expect(await rest()).toBe(third.net);
  const after = await rental.balances(rented);
  expect(after.dataCentre - before.dataCentre).toBe(first.net + second.net);
  expect(after.treasury - before.treasury).toBe(FEE);
  expect(after.engineer - before.engineer).toBe(rented.deposit - GROSS);
});

test("an engineer that gave its token account away holds nobody up, and its refund waits until it can be taken", async () => {
  const rented = await rental.rentOne();
  const before = await rental.balances(rented);
  const other = await generateKeyPairSigner();
  const hand = async (owner: KeyPairSigner, newAuthority: Address) =>
    getSetAuthorityInstruction({
      owned: await tokenAccountOf(rental.net.engineer.address, rental.net.usdc),
      owner,
      authorityType: AuthorityType.AccountOwner,
      newAuthority,
    });
  const { payer } = rental.net;
  await send(rental.net.chain, {
    payer,
    instructions: [await hand(rental.net.engineer, other.address)],
    commitment: "finalized",
  });
  await rental.end(rented);
  const place = address((await rental.escrowOf(rented)).address);
  const failures = async () =>
    (await settlementsOf(rental.ctx.db, rented.clusterId)).get(place)?.settlement.attempts ?? 0;
  for (let round = 0; round < 50 && (await failures()) === 0; round++) {
    await reconcileSettlement(rental.ctx);
    await sleep(200);
  }
  // Without time passing there is no other try.
  for (let round = 0; round < 3; round++) await reconcileSettlement(rental.ctx);
  expect(await failures()).toBe(1);
  await sleep(1500);
  const [first, second, third] = EARNED;
  expect(await rental.balances(rented)).toMatchObject({
    dataCentre: before.dataCentre + first.net + second.net,
    miner: before.miner + third.net,
    treasury: before.treasury + FEE,
  });
  expect((await readEscrow(rental.net.chain, place, "finalized"))?.status).toBe("final");
  await send(rental.net.chain, {
    payer,
    instructions: [await hand(other, rental.net.engineer.address)],
    commitment: "finalized",
  });
  await rental.untilSettled(rented);
  await rental.expectPaidOnce(rented, before);
});

test("an engineer without a token account is not given one, and is refunded when it has made one", async () => {
  const { engineer, usdc, payer } = rental.net;
  const before = await rental.net.balance(engineer.address);
  const rented = await rental.book((lease) => lease.ratePerHour - 1n);
  const amount = before - rented.deposit;
  const keeper = await generateKeyPairSigner();
  const [own, kept] = [
    await tokenAccountOf(engineer.address, usdc),
    await tokenAccountOf(keeper.address, usdc),
  ];
  await send(rental.net.chain, {
    payer,
    instructions: [
      await createTokenAccountInstruction({ payer: engineer, wallet: keeper.address, mint: usdc }),
      getTransferInstruction({ source: own, destination: kept, authority: engineer, amount }),
      getCloseAccountInstruction({ account: own, destination: engineer.address, owner: engineer }),
    ],
    commitment: "finalized",
  });
  await reconcileEscrows(rental.ctx);
  for (let round = 0; round < 10; round++) {
    rental.market.clock.advance(60_000);
    await reconcileSettlement(rental.ctx);
  }
  expect(await tokenBalance(rental.net.chain, engineer.address, usdc, "confirmed")).toBeNull();
  expect(await rental.settlement(rented)).toMatchObject({ state: "settling" });
  await send(rental.net.chain, {
    payer,
    instructions: [
      await createTokenAccountInstruction({ payer: engineer, wallet: engineer.address, mint: usdc }),
      getTransferInstruction({ source: kept, destination: own, authority: keeper, amount }),
    ],
    commitment: "finalized",
  });
  rental.market.clock.advance(60_000);
  await rental.untilSettled(rented);
  expect(await rental.net.balance(engineer.address)).toBe(before);
});
