import {
  encodePriceUpdate,
  genesisHash,
  NATIVE_SOL,
  PYTH_RECEIVER,
  readNetwork,
  SOL_USD_FEED,
} from "@ionet/chain";
import { address, lamports } from "@solana/kit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Config, readConfig } from "./config.ts";
import { startTestChain, type TestChain } from "./delivery/settlement/testing/chain.ts";
import { describeNetwork, paymentTerms } from "./network.ts";
import type { ChainContext } from "./platform/context.ts";
import { openTestContext, type TestContext } from "./platform/testing/context.ts";

const ACCOUNT = "7UVimffxr9ow1uXYxsr4LHAcV58mLzhmwaeKvJ1pjLiE";
let net: TestChain;
let base: TestContext;
let ctx: ChainContext;
let config: Config;

beforeAll(async () => {
  net = await startTestChain();
  base = await openTestContext();
  ctx = { ...base, chain: net.chain, meter: net.meter, payer: net.payer };
  config = readConfig({
    ...{ IONET_DATA: "data", IONET_METER_KEYPAIR: "meter", IONET_PAYER_KEYPAIR: "payer" },
    ...{ IONET_RPC_URL: net.chain.url, IONET_WS_URL: net.chain.wsUrl, IONET_SOL_PRICE_ACCOUNT: ACCOUNT },
  });
});
afterAll(async () => {
  await net?.stop();
  await base?.close();
});

async function networkState() {
  const network = await readNetwork(net.chain, "confirmed");
  if (network === null) throw new Error("the network is initialised");
  return network;
}

/** Posts a price, in micro-USD, published so many seconds ago, and waits until it is confirmed. */
async function post(microUsd: bigint, secondsAgo: number, owner: string = PYTH_RECEIVER): Promise<void> {
  const publishTime = BigInt(Math.floor(ctx.clock.now() / 1000) - secondsAgo);
  const data = encodePriceUpdate({
    ...{ writeAuthority: address(ACCOUNT), verification: "full", feedId: SOL_USD_FEED },
    ...{ price: microUsd * 100n, confidence: 0n, exponent: -8, postedSlot: 0n },
    ...{ publishTime, previousPublishTime: publishTime },
  });
  await net.call("ionet_setAccount", [ACCOUNT, { owner, data: Buffer.from(data).toString("base64") }]);
  const posted = async () => {
    const { value } = await net.chain.rpc
      .getAccountInfo(address(ACCOUNT), { commitment: "confirmed", encoding: "base64" })
      .send();
    return value && value.owner === owner && value.data[0] === Buffer.from(data).toString("base64");
  };
  await expect.poll(posted, { timeout: 10_000 }).toBe(true);
}
const solPrice = async () => paymentTerms(ctx, config, await networkState()).solPrice();
const expectRefused = async (why: string) =>
  expect(solPrice()).rejects.toMatchObject({
    code: "price-unavailable",
    input: { field: "currency", detail: expect.stringContaining(`(${why})`) },
  });

test("SOL is offered with its fee when there is a price account, and is said to be simulated on a local network", async () => {
  const ready = { genesisHash: await genesisHash(net.chain), network: await networkState() };
  expect(describeNetwork(config, ready).currencies).toEqual([
    { symbol: "USDC", mint: net.usdc, decimals: 6, feeBps: 200, price: null },
    {
      symbol: "SOL",
      mint: NATIVE_SOL,
      decimals: 9,
      feeBps: 200,
      price: { source: ACCOUNT, simulated: true },
    },
  ]);
  expect(paymentTerms(ctx, config, ready.network).currencies.SOL).toMatchObject({ rateValidSeconds: 86_400 });
});

test("without a price account SOL is not offered", async () => {
  const without = { ...config, solPrice: null };
  const ready = { genesisHash: await genesisHash(net.chain), network: await networkState() };
  expect(describeNetwork(without, ready).currencies.map(({ symbol }) => symbol)).toEqual(["USDC"]);
  expect(paymentTerms(ctx, without, ready.network).currencies.SOL).toBeUndefined();
});

test("the price comes from the account on chain, and never from an older one than was taken before", async () => {
  await expectRefused("account-missing");
  await post(140_000_000n, 1, NATIVE_SOL);
  await expectRefused("wrong-owner");
  await post(142_370_000n, 20);
  expect(await solPrice()).toEqual({
    microUsdPerSol: 142_370_000n,
    publishedAt: new Date(Math.floor(ctx.clock.now() / 1000 - 20) * 1000).toISOString(),
    source: ACCOUNT,
    simulated: true,
  });
  await post(90_000_000n, 21);
  await expectRefused("went-back");
  await post(143_000_000n, 20);
  expect(await solPrice()).toMatchObject({ microUsdPerSol: 143_000_000n });
  base.clock.advance(41_000);
  await expectRefused("too-old");
});

test("of many who read at once nobody is refused a fresh price", async () => {
  await post(150_000_000n, 0);
  const prices = await Promise.all(Array.from({ length: 20 }, solPrice));
  expect(new Set(prices.map(({ microUsdPerSol }) => microUsdPerSol))).toEqual(new Set([150_000_000n]));
});

test("a wallet's balance in SOL is its lamports", async () => {
  const { walletBalance } = paymentTerms(ctx, config, await networkState());
  expect(await walletBalance(net.treasury, NATIVE_SOL)).toBe(0n);
  await net.chain.rpc.requestAirdrop(net.treasury, lamports(5_000_000n)).send();
  await expect.poll(() => walletBalance(net.treasury, NATIVE_SOL), { timeout: 10_000 }).toBe(5_000_000n);
});
