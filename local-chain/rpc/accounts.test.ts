import { zstdDecompressSync } from "node:zlib";
import {
  type Base58EncodedBytes,
  getBase58Decoder,
  getBase64EncodedWireTransaction,
  lamports,
} from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import { findAssociatedTokenPda, getTransferCheckedInstruction } from "@solana-program/token";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TEST_MINTS } from "../genesis.ts";
import { freshAddress, STILL, startTestNetwork, type TestNetwork } from "../testing/network.ts";
import { TOKEN_PROGRAM } from "../tokens.ts";

let chain: TestNetwork;
beforeAll(async () => {
  chain = await startTestNetwork(STILL);
});
afterAll(async () => {
  await chain.server.close();
  expect(chain.faults).toEqual([]);
});

const mint = TEST_MINTS.USDC.address;
const tokenAccountOf = async (owner: Parameters<typeof findAssociatedTokenPda>[0]["owner"]) =>
  (await findAssociatedTokenPda({ owner, mint, tokenProgram: TOKEN_PROGRAM }))[0];

test("an airdrop is seen at once at processed, after a slot at confirmed, after two at finalized", async () => {
  const wallet = await freshAddress();
  await chain.rpc.requestAirdrop(wallet, lamports(5_000_000n)).send();
  const seen = async () => ({
    processed: (await chain.rpc.getBalance(wallet, { commitment: "processed" }).send()).value,
    confirmed: (await chain.rpc.getBalance(wallet, { commitment: "confirmed" }).send()).value,
    finalized: (await chain.rpc.getBalance(wallet, { commitment: "finalized" }).send()).value,
  });
  expect(await seen()).toEqual({ processed: 5_000_000n, confirmed: 0n, finalized: 0n });
  chain.passSlots(1);
  expect(await seen()).toEqual({ processed: 5_000_000n, confirmed: 5_000_000n, finalized: 0n });
  chain.passSlots(1);
  expect(await seen()).toEqual({ processed: 5_000_000n, confirmed: 5_000_000n, finalized: 5_000_000n });
});

test("an older commitment shows each slot's own end, not the newest state", async () => {
  const wallet = await freshAddress();
  const commitments = ["processed", "confirmed", "finalized"] as const;
  for (let slot = 0; slot < 3; slot++) {
    await chain.rpc.requestAirdrop(wallet, lamports(1_000_000n)).send();
    if (slot < 2) chain.passSlots(1);
  }
  const balances = [];
  for (const commitment of commitments)
    balances.push((await chain.rpc.getBalance(wallet, { commitment }).send()).value);
  expect(balances).toEqual([3_000_000n, 2_000_000n, 1_000_000n]);
});

test("requested tokens arrive in a token account made for the wallet, and can be sent on", async () => {
  const wallet = await chain.fundedWallet();
  const other = await chain.fundedWallet();
  for (const owner of [wallet, other])
    await chain.call("ionet_requestTokens", [owner.address, mint, "2500000"]);
  const transfer = getTransferCheckedInstruction({
    source: await tokenAccountOf(wallet.address),
    destination: await tokenAccountOf(other.address),
    mint,
    authority: wallet,
    amount: 1_000_001n,
    decimals: 6,
  });
  const signed = await chain.sign(wallet, [transfer]);
  const signature = await chain.rpc
    .sendTransaction(getBase64EncodedWireTransaction(signed), { encoding: "base64" })
    .send();
  chain.passSlots(2);

  const balance = await chain.rpc.getTokenAccountBalance(await tokenAccountOf(other.address)).send();
  expect(balance.value).toMatchObject({ amount: "3500001", decimals: 6, uiAmountString: "3.500001" });
  const found = await chain.rpc
    .getTransaction(signature, { maxSupportedTransactionVersion: 0, encoding: "json" })
    .send();
  const amounts = (list: readonly { owner?: unknown; uiTokenAmount: { amount: string } }[] | undefined) =>
    Object.fromEntries((list ?? []).map((one) => [String(one.owner), one.uiTokenAmount.amount]));
  expect(amounts(found?.meta?.preTokenBalances)).toEqual({
    [wallet.address]: "2500000",
    [other.address]: "2500000",
  });
  expect(amounts(found?.meta?.postTokenBalances)).toEqual({
    [wallet.address]: "1499999",
    [other.address]: "3500001",
  });
});

test("the mint's supply is what was handed out, and its authority is the faucet", async () => {
  const before = BigInt(
    (await chain.rpc.getTokenSupply(mint, { commitment: "processed" }).send()).value.amount,
  );
  await chain.call("ionet_requestTokens", [await freshAddress(), mint, "7"]);
  const after = BigInt(
    (await chain.rpc.getTokenSupply(mint, { commitment: "processed" }).send()).value.amount,
  );
  expect(after - before).toBe(7n);
  const info = await chain.rpc
    .getAccountInfo(mint, { encoding: "jsonParsed", commitment: "processed" })
    .send();
  expect(info.value?.data).toMatchObject({
    program: "spl-token",
    parsed: { type: "mint", info: { decimals: 6, mintAuthority: chain.network.faucet.signer.address } },
  });
});

test("a wallet's token accounts are found by mint and by program, parsed", async () => {
  const wallet = await freshAddress();
  await chain.call("ionet_requestTokens", [wallet, mint, "12"]);
  for (const filter of [{ mint }, { programId: TOKEN_PROGRAM }]) {
    const found = await chain.rpc
      .getTokenAccountsByOwner(wallet, filter, { encoding: "jsonParsed", commitment: "processed" })
      .send();
    expect(found.value.map((one) => one.account.data.parsed.info.tokenAmount.amount)).toEqual(["12"]);
  }
});

test("program accounts are filtered by size and bytes, sliced, and honest about commitment", async () => {
  const wallet = await freshAddress();
  await chain.call("ionet_requestTokens", [wallet, mint, "99"]);
  const search = async (commitment: "processed" | "confirmed", dataSize: bigint) =>
    await chain.rpc
      .getProgramAccounts(TOKEN_PROGRAM, {
        commitment,
        encoding: "base64",
        dataSlice: { offset: 64, length: 8 },
        filters: [
          { dataSize },
          { memcmp: { offset: 32n, bytes: wallet as string as Base58EncodedBytes, encoding: "base58" } },
        ],
      })
      .send();
  expect(await search("processed", 82n)).toEqual([]);
  expect(await search("confirmed", 165n)).toEqual([]);
  const [found, ...more] = await search("processed", 165n);
  expect(more).toEqual([]);
  expect(found?.pubkey).toBe(await tokenAccountOf(wallet));
  expect(Buffer.from(found?.account.data[0] ?? "", "base64").readBigUInt64LE()).toBe(99n);
  chain.passSlots(1);
  expect(await search("confirmed", 165n)).toHaveLength(1);
});

test("several accounts come in the order asked for, and missing ones as null", async () => {
  const missing = await freshAddress();
  const { value } = await chain.rpc.getMultipleAccounts([missing, mint], { encoding: "base64" }).send();
  expect(value[0]).toBeNull();
  expect(value[1]).toMatchObject({
    owner: TOKEN_PROGRAM,
    space: 82n,
    rentEpoch: 18_446_744_073_709_551_615n,
  });
});

test("an account that cannot be parsed comes as base64 where jsonParsed is asked for", async () => {
  for (const unparsed of [chain.network.faucet.signer.address, "StakeConfig11111111111111111111111111111111"])
    expect(await chain.call("getAccountInfo", [unparsed, { encoding: "jsonParsed" }])).toMatchObject({
      result: { value: { data: [expect.any(String), "base64"] } },
    });
});

test("base58 is refused for data too long for it, and zstd is real", async () => {
  const program = "SysvarS1otHashes111111111111111111111111111";
  expect(await chain.call("getAccountInfo", [program])).toMatchObject({ error: { code: -32600 } });
  const { value } = await chain.rpc.getAccountInfo(mint, { encoding: "base64+zstd" }).send();
  expect(zstdDecompressSync(Buffer.from(value?.data[0] ?? "", "base64"))).toHaveLength(82);
});

test("an account that a transfer empties is gone", async () => {
  const payer = await chain.fundedWallet();
  const wallet = await chain.fundedWallet(1n);
  const transfer = getTransferSolInstruction({
    source: wallet,
    destination: payer.address,
    amount: 1_000_000_000n,
  });
  const signed = await chain.sign(payer, [transfer]);
  await chain.rpc.sendTransaction(getBase64EncodedWireTransaction(signed), { encoding: "base64" }).send();
  const { value } = await chain.rpc
    .getAccountInfo(wallet.address, { encoding: "base64", commitment: "processed" })
    .send();
  expect(value).toBeNull();
});

test("the faucet names its caps when asked for more", async () => {
  const wallet = await freshAddress();
  expect(await chain.call("requestAirdrop", [wallet, 10_000_000_000_001])).toMatchObject({
    error: { code: -32602, data: { field: "lamports", allowed: expect.stringContaining("10000000000000") } },
  });
  for (const amount of ["1000000000001", "0", "1.5", "-1"]) {
    expect(await chain.call("ionet_requestTokens", [wallet, mint, amount])).toMatchObject({
      error: { code: -32602, data: { field: "amount", allowed: expect.stringContaining("1000000000000") } },
    });
  }
  expect(await chain.call("ionet_requestTokens", [wallet, TOKEN_PROGRAM, "1"])).toMatchObject({
    error: { code: -32602, data: { field: "mint" } },
  });
});

test("a token account is frozen and thawed on request: nothing goes in or out between", async () => {
  const wallet = await freshAddress();
  const account = await tokenAccountOf(wallet);
  const give = async () => await chain.call("ionet_requestTokens", [wallet, mint, "5"]);
  const balance = async () =>
    (await chain.rpc.getTokenAccountBalance(account, { commitment: "processed" }).send()).value.amount;
  await give();
  expect(await chain.call("ionet_freezeAccount", [account])).toHaveProperty("result");
  expect(await give()).toMatchObject({
    error: { code: -32002, data: { err: { InstructionError: [1, { Custom: 17 }] } } },
  });
  expect(await balance()).toBe("5");
  await chain.call("ionet_thawAccount", [account]);
  await give();
  expect(await balance()).toBe("10");
  expect(await chain.call("ionet_thawAccount", [account])).toMatchObject({ error: { code: -32002 } });
  expect(await chain.call("ionet_freezeAccount", [wallet])).toMatchObject({
    error: { code: -32602, data: { field: "tokenAccount", allowed: expect.stringContaining(mint) } },
  });
});

test("an airdrop is read by clients that know no transaction versions", async () => {
  const airdrop = await chain.rpc.requestAirdrop(await freshAddress(), lamports(5_000_000n)).send();
  chain.passSlots(2);
  expect(await chain.call("getTransaction", [airdrop])).toMatchObject({ result: { meta: { err: null } } });
});

test("bytes of 32 base58 characters that are no address are named as such", async () => {
  const short = getBase58Decoder().decode(new Uint8Array(31).fill(7));
  expect(await chain.call("getBalance", [short])).toMatchObject({
    error: { code: -32602, message: expect.stringMatching(/address: given ".*"; allowed: an address/) },
  });
});

test("an airdrop too small for a new wallet to live on is refused with the reason", async () => {
  expect(await chain.call("requestAirdrop", [await freshAddress(), 5])).toMatchObject({
    error: { code: -32002, data: { err: { InsufficientFundsForRent: { account_index: 1 } } } },
  });
});

test("an account that is set from outside has its owner and bytes from the next slot on, and its rent", async () => {
  const [at, owner] = [await freshAddress(), await freshAddress()];
  const data = Buffer.from("a price").toString("base64");
  await chain.call("ionet_setAccount", [at, { owner, data }]);
  const read = () => chain.rpc.getAccountInfo(at, { commitment: "confirmed", encoding: "base64" }).send();
  expect((await read()).value).toBeNull();
  chain.passSlots(1);
  const rent = await chain.rpc.getMinimumBalanceForRentExemption(7n).send();
  expect((await read()).value).toMatchObject({ owner, data: [data, "base64"], lamports: rent });
});

test("a program is not set from outside, and what is no account is named", async () => {
  const owner = await freshAddress();
  const set = (at: unknown, state: unknown) => chain.call("ionet_setAccount", [at, state]);
  expect(await set(TOKEN_PROGRAM, { owner, data: "" })).toMatchObject({ error: { code: -32602 } });
  for (const state of [{ owner }, { data: "" }, { owner, data: "no base64" }, undefined])
    expect(await set(await freshAddress(), state)).toMatchObject({ error: { code: -32602 } });
});
