import {
  getAddressEncoder,
  getBase58Decoder,
  getBase64EncodedWireTransaction,
  isSolanaError,
  type KeyPairSigner,
  lamports,
  type Signature,
  SOLANA_ERROR__JSON_RPC__INVALID_PARAMS,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_FILTER_TRANSACTION_NOT_FOUND,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_NO_SNAPSHOT,
} from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import { findAssociatedTokenPda } from "@solana-program/token";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TEST_MINTS } from "../genesis.ts";
import { freshAddress, STILL, startTestNetwork, type TestNetwork } from "../testing/network.ts";
import { TOKEN_PROGRAM } from "../tokens.ts";

let chain: TestNetwork;
let payer: KeyPairSigner;
beforeAll(async () => {
  chain = await startTestNetwork(STILL);
  payer = await chain.fundedWallet(1000n);
});
afterAll(async () => {
  await chain.server.close();
  expect(chain.faults).toEqual([]);
});

const mint = TEST_MINTS.USDC.address;
const refusal = async (method: string, params: unknown[]) => {
  const { error } = await chain.call(method, params);
  const { code, message } = error as { code: number; message: string };
  return [code, message];
};

test("a missing token account or mint, and one that is something else, is told in a node's own words", async () => {
  const fresh = await freshAddress();
  const wallet = payer.address;
  const said = async (words: string, method: string, params: unknown[]) =>
    expect(await refusal(method, [...params, { commitment: "processed" }]), method).toEqual([
      -32602,
      `Invalid param: ${words}`,
    ]);
  await said("could not find account", "getTokenAccountBalance", [fresh]);
  for (const other of [wallet, mint, TOKEN_PROGRAM])
    await said("not a Token account", "getTokenAccountBalance", [other]);
  await chain.call("ionet_requestTokens", [wallet, mint, "1"]);
  const [account] = await findAssociatedTokenPda({ owner: wallet, mint, tokenProgram: TOKEN_PROGRAM });
  await said("could not find account", "getTokenSupply", [fresh]);
  await said("not a Token mint", "getTokenSupply", [wallet]);
  await said("mint could not be unpacked", "getTokenSupply", [account]);
  await said("could not find mint", "getTokenLargestAccounts", [fresh]);
  await said("Token mint could not be unpacked", "getTokenLargestAccounts", [account]);
  for (const method of ["getTokenAccountsByOwner", "getTokenAccountsByDelegate"]) {
    await said("could not find mint", method, [wallet, { mint: fresh }]);
    await said("Token mint could not be unpacked", method, [wallet, { mint: wallet }]);
    await said("unrecognized Token program id", method, [wallet, { programId: fresh }]);
  }
});

test("kit gets these as its own errors", async () => {
  const attempt = chain.rpc.getTokenAccountBalance(await freshAddress()).send();
  const fault = await attempt.catch((one: unknown) => one);
  expect(isSolanaError(fault, SOLANA_ERROR__JSON_RPC__INVALID_PARAMS)).toBe(true);
  expect(String(fault)).toContain("could not find account");
  const snapshot = await chain.rpc
    .getHighestSnapshotSlot()
    .send()
    .catch((one: unknown) => one);
  expect(isSolanaError(snapshot, SOLANA_ERROR__JSON_RPC__SERVER_ERROR_NO_SNAPSHOT)).toBe(true);
});

test("limits are told in a node's own words", async () => {
  const wallet = payer.address;
  const many = (count: number) => Array(count).fill(wallet);
  const cases: [string, unknown[], string][] = [
    ["getMultipleAccounts", [many(101)], "Too many inputs provided; max 100"],
    ["getRecentPrioritizationFees", [many(129)], "Too many inputs provided; max 128"],
    [
      "getProgramAccounts",
      [wallet, { filters: Array(5).fill({ dataSize: 1 }) }],
      "Too many filters provided; max 4",
    ],
    ["getSignaturesForAddress", [wallet, { limit: 1001 }], "Invalid limit; max 1000"],
    ["getSignaturesForAddress", [wallet, { limit: 0 }], "Invalid limit; max 1000"],
    [
      "getSignaturesForAddress",
      [wallet, { commitment: "processed" }],
      "Method does not support commitment below `confirmed`",
    ],
    ["getBlocksWithLimit", [1, 500_001], "Limit too large; max 500000"],
    ["getSlotLeaders", [1, 5001], "Invalid limit; max 5000"],
    [
      "getBlockProduction",
      [{ range: { firstSlot: 9, lastSlot: 8 } }],
      "lastSlot, 8, cannot be less than firstSlot, 9",
    ],
  ];
  for (const [method, params, words] of cases)
    expect(await refusal(method, params), method).toEqual([-32602, words]);
});

test("recent priority fees are of 150 slots at most, and what was least offered there", async () => {
  chain.passSlots(400);
  const before = await chain.rpc.getRecentPrioritizationFees().send();
  expect(before).toHaveLength(150);
  expect(new Set(before.map((one) => one.prioritizationFee))).toEqual(new Set([0n]));
  const price = Buffer.alloc(9);
  price[0] = 3;
  price.writeBigUInt64LE(777n, 1);
  const { address } = await import("@solana/kit");
  const setPrice = { programAddress: address("ComputeBudget111111111111111111111111111111"), data: price };
  const destination = await freshAddress();
  const transfer = getTransferSolInstruction({ source: payer, destination, amount: 1_000_000_000n });
  const signed = await chain.sign(payer, [setPrice, transfer]);
  await chain.rpc.sendTransaction(getBase64EncodedWireTransaction(signed), { encoding: "base64" }).send();
  const newest = async (addresses: Parameters<typeof chain.rpc.getRecentPrioritizationFees>[0]) =>
    (await chain.rpc.getRecentPrioritizationFees(addresses).send()).at(-1);
  const slot = await chain.rpc.getSlot({ commitment: "processed" }).send();
  expect(await newest([destination])).toEqual({ slot, prioritizationFee: 777n });
  expect(await newest([])).toEqual({ slot, prioritizationFee: 777n });
});

test("pages of signatures may begin and end at a transaction of another address, and at no unknown one", async () => {
  const [mine, other] = [await freshAddress(), await freshAddress()];
  const give = async (to: typeof mine) => {
    const signature = await chain.rpc.requestAirdrop(to, lamports(1_000_000n)).send();
    chain.passSlots(1);
    return signature;
  };
  const [first, between, second, after] = [
    await give(mine),
    await give(other),
    await give(mine),
    await give(other),
  ];
  chain.passSlots(3);
  const page = async (options: { before?: Signature; until?: Signature }) =>
    (await chain.rpc.getSignaturesForAddress(mine, options).send()).map((one) => one.signature);
  expect(await page({})).toEqual([second, first]);
  expect(await page({ before: between })).toEqual([first]);
  expect(await page({ until: between })).toEqual([second]);
  expect(await page({ before: after, until: first })).toEqual([second]);
  const unknown = getBase58Decoder().decode(Buffer.alloc(64, 9)) as Signature;
  for (const options of [{ before: unknown }, { until: unknown }]) {
    const fault = await page(options).catch((one: unknown) => one);
    expect(isSolanaError(fault, SOLANA_ERROR__JSON_RPC__SERVER_ERROR_FILTER_TRANSACTION_NOT_FOUND)).toBe(
      true,
    );
    expect(String(fault)).toContain(`Transaction ${unknown} not found`);
  }
});

test("bytes to look for are taken in base58, base64 or as numbers, up to 128", async () => {
  await chain.call("ionet_requestTokens", [payer.address, mint, "1"]);
  const bytes = Buffer.from(getAddressEncoder().encode(payer.address));
  const found = async (memcmp: object) => {
    const filters = [{ memcmp: { offset: 32, ...memcmp } }];
    const { result, error } = await chain.call("getProgramAccounts", [
      TOKEN_PROGRAM,
      { commitment: "processed", encoding: "base64", filters },
    ]);
    return error === undefined ? (result as unknown[]).length : (error as { code: number }).code;
  };
  for (const memcmp of [
    { bytes: payer.address },
    { bytes: payer.address, encoding: "base58" },
    { bytes: bytes.toString("base64"), encoding: "base64" },
    { bytes: [...bytes] },
    { bytes: [...bytes], encoding: "base64" },
  ])
    expect(await found(memcmp), JSON.stringify(memcmp)).toBe(1);
  expect(await found({ bytes: [], offset: 0 })).toBeGreaterThan(0);
  expect(await found({ bytes: [], offset: 100_000 })).toBe(0);
  expect(await found({ bytes: Array(128).fill(0) })).toBe(0);
  for (const bytes of [Array(129).fill(0), [256], [-1], ["1"], "1".repeat(176), 7, undefined])
    expect(await found({ bytes }), JSON.stringify(bytes)).toBe(-32602);
  expect(await found({ bytes: Buffer.alloc(129).toString("base64"), encoding: "base64" })).toBe(-32602);
});
