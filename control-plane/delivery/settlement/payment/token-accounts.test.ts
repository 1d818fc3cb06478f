import { setTimeout as sleep } from "node:timers/promises";
import { send, tokenAccountOf, tokenBalance } from "@ionet/chain";
import { generateKeyPairSigner, type KeyPairSigner } from "@solana/kit";
import { getCloseAccountInstruction } from "@solana-program/token";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dyingAt } from "../../escrows/testing/crash.ts";
import { openTestMarket, type TestMarket } from "../../escrows/testing/market.ts";
import { createLane } from "../side-by-side.ts";
import { startTestChain, type TestChain } from "../testing/chain.ts";
import { makeTokenAccounts, type PayingContext } from "./token-accounts.ts";

let net: TestChain;
let market: TestMarket;
let ctx: PayingContext;
beforeAll(async () => {
  net = await startTestChain();
  market = await openTestMarket();
  ctx = { ...market.ctx, chain: net.chain, meter: net.meter, payer: net.payer, makeAccounts: createLane() };
});
afterAll(async () => {
  await net?.stop();
  await market?.close();
});

const hasAccount = async ({ address }: KeyPairSigner) =>
  (await tokenBalance(net.chain, address, net.usdc, "confirmed")) !== null;

async function closeAccount(wallet: KeyPairSigner): Promise<void> {
  const account = await tokenAccountOf(wallet.address, net.usdc);
  const close = getCloseAccountInstruction({ account, destination: wallet.address, owner: wallet });
  await send(net.chain, { payer: net.payer, instructions: [close], commitment: "confirmed" });
}

test("a wallet that closes the token account it was given is not given another", async () => {
  const [greedy, plain] = [await generateKeyPairSigner(), await generateKeyPairSigner()];
  await makeTokenAccounts(ctx, [greedy.address], net.usdc);
  expect(await hasAccount(greedy)).toBe(true);
  await closeAccount(greedy);
  await makeTokenAccounts(ctx, [greedy.address, plain.address], net.usdc);
  expect(await hasAccount(greedy)).toBe(false);
  expect(await hasAccount(plain)).toBe(true);
});

test("killed at any effect, a wallet gets its token account all the same, and only once", async () => {
  let effect = 0;
  for (let died = true; died; ) {
    effect++;
    const wallet = await generateKeyPairSigner();
    const process = dyingAt(ctx, effect);
    await makeTokenAccounts({ ...ctx, ...process.ctx }, [wallet.address], net.usdc).catch(
      (error: unknown) => {
        if (!process.died()) throw error;
      },
    );
    died = process.died();
    for (let round = 0; round < 50 && !(await hasAccount(wallet)); round++) {
      await makeTokenAccounts(ctx, [wallet.address], net.usdc);
      await sleep(200);
    }
    expect(await hasAccount(wallet)).toBe(true);
    await closeAccount(wallet);
    await makeTokenAccounts(ctx, [wallet.address], net.usdc);
    expect(await hasAccount(wallet)).toBe(false);
  }
  expect(effect).toBeGreaterThan(3);
}, 60_000);
