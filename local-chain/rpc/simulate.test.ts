import {
  appendTransactionMessageInstructions,
  createTransactionMessage,
  estimateResourceLimitsFactory,
  getBase64EncodedWireTransaction,
  type KeyPairSigner,
  pipe,
  setTransactionMessageComputeUnitLimit,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  setTransactionMessageLoadedAccountsDataSizeLimit,
  signTransactionMessageWithSigners,
} from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import { findAssociatedTokenPda, getTransferCheckedInstruction } from "@solana-program/token";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TEST_MINTS } from "../genesis.ts";
import {
  freshAddress,
  programDataOf,
  STILL,
  startTestNetwork,
  type TestNetwork,
} from "../testing/network.ts";
import { TOKEN_PROGRAM } from "../tokens.ts";

let chain: TestNetwork;
let payer: KeyPairSigner;
beforeAll(async () => {
  chain = await startTestNetwork(STILL);
  payer = await chain.fundedWallet(10n);
});
afterAll(async () => {
  await chain.server.close();
  expect(chain.faults).toEqual([]);
});

const SOL = 1_000_000_000n;
const mint = TEST_MINTS.USDC.address;
const transfer = async (amount: bigint) =>
  getTransferSolInstruction({ source: payer, destination: await freshAddress(), amount });
const tokenAccountOf = async (owner: Parameters<typeof findAssociatedTokenPda>[0]["owner"]) =>
  (await findAssociatedTokenPda({ owner, mint, tokenProgram: TOKEN_PROGRAM }))[0];
/** A transfer of tokens: mint, accounts and an upgradeable program with its code are loaded. */
const tokenTransfer = async (amount = 1n) => {
  const other = await freshAddress();
  for (const owner of [payer.address, other]) await chain.call("ionet_requestTokens", [owner, mint, "1000"]);
  const [source, destination] = [await tokenAccountOf(payer.address), await tokenAccountOf(other)];
  return getTransferCheckedInstruction({ source, destination, mint, authority: payer, amount, decimals: 6 });
};
type Signed = Awaited<ReturnType<TestNetwork["sign"]>>;
const simulate = async (signed: Signed, options: object = {}) => {
  const wire = getBase64EncodedWireTransaction(signed);
  const { result } = await chain.call("simulateTransaction", [wire, { encoding: "base64", ...options }]);
  return (result as { value: Record<string, unknown> }).value;
};

test("a simulation says what would be paid, moved and loaded", async () => {
  const value = await simulate(await chain.sign(payer, [await transfer(SOL)]));
  const balance = Number(
    (await chain.rpc.getBalance(payer.address, { commitment: "processed" }).send()).value,
  );
  expect(value).toEqual({
    accounts: null,
    err: null,
    fee: 5000,
    innerInstructions: null,
    loadedAccountsDataSize: expect.any(Number),
    loadedAddresses: { readonly: [], writable: [] },
    logs: expect.arrayContaining(["Program 11111111111111111111111111111111 success"]),
    postBalances: [balance - 5000 - Number(SOL), Number(SOL), 1],
    postTokenBalances: [],
    preBalances: [balance, 0, 1],
    preTokenBalances: [],
    replacementBlockhash: null,
    returnData: null,
    unitsConsumed: 150,
  });
});

test("a simulation that fails while it runs costs its fee and moves nothing", async () => {
  const value = await simulate(await chain.sign(payer, [await transfer(100n * SOL)]), {
    accounts: { addresses: [payer.address] },
  });
  const balance = Number(
    (await chain.rpc.getBalance(payer.address, { commitment: "processed" }).send()).value,
  );
  expect(value).toMatchObject({
    accounts: [null],
    err: { InstructionError: [0, { Custom: 1 }] },
    fee: 5000,
    preBalances: [balance, 0, 1],
    postBalances: [balance - 5000, 0, 1],
  });
});

test("a simulation says the tokens before and after, and names what its programs called", async () => {
  const value = await simulate(await chain.sign(payer, [await tokenTransfer(400n)]), {
    innerInstructions: true,
  });
  const amounts = (list: unknown) =>
    (list as { uiTokenAmount: { amount: string } }[]).map((one) => one.uiTokenAmount.amount).sort();
  expect(amounts(value.preTokenBalances)).not.toEqual(amounts(value.postTokenBalances));
  expect(amounts(value.postTokenBalances)).toContain("1400");
  expect(value.innerInstructions).toEqual([]);
});

test("the size said to be loaded is the least limit that the runtime lets through", async () => {
  const { value: lifetime } = await chain.rpc.getLatestBlockhash({ commitment: "processed" }).send();
  const instruction = await transfer(SOL);
  const withLimit = async (limit: number) => {
    const signed = await pipe(
      createTransactionMessage({ version: 1 }),
      (m) => setTransactionMessageFeePayerSigner(payer, m),
      (m) => setTransactionMessageLifetimeUsingBlockhash(lifetime, m),
      (m) => setTransactionMessageComputeUnitLimit(200_000, m),
      (m) => setTransactionMessageLoadedAccountsDataSizeLimit(limit, m),
      (m) => appendTransactionMessageInstructions([instruction], m),
      signTransactionMessageWithSigners,
    );
    return await simulate(signed);
  };
  const size = Number((await withLimit(1_000_000)).loadedAccountsDataSize);
  expect((await withLimit(size)).err).toBeNull();
  expect((await withLimit(size - 1)).err).toBe("MaxLoadedAccountsDataSizeExceeded");
});

test("an upgradeable program counts with its code, an account with 64 bytes more than it holds", async () => {
  const { loadedAccountsDataSize } = await simulate(await chain.sign(payer, [await tokenTransfer()]));
  const code = chain.network.account(await programDataOf(TOKEN_PROGRAM), "processed")?.data.length ?? 0;
  // The payer, two token accounts, their mint, the program, and its code.
  expect(loadedAccountsDataSize).toBe(6 * 64 + 2 * 165 + 82 + 36 + code);
});

test("kit estimates what a transaction needs from a simulation", async () => {
  const { value: lifetime } = await chain.rpc.getLatestBlockhash({ commitment: "processed" }).send();
  const instruction = await transfer(SOL);
  const message = pipe(
    createTransactionMessage({ version: 1 }),
    (m) => setTransactionMessageFeePayerSigner(payer, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash(lifetime, m),
    (m) => appendTransactionMessageInstructions([instruction], m),
  );
  const estimate = await estimateResourceLimitsFactory({ rpc: chain.rpc })(message);
  expect(estimate.computeUnitLimit).toBe(150);
  expect(estimate.loadedAccountsDataSizeLimit).toBeGreaterThan(64);
});

test("a false signature, or a dead blockhash, is an error of the simulation, and nothing ran", async () => {
  const signed = await chain.sign(payer, [await transfer(SOL)]);
  const other = await chain.sign(payer, [await transfer(SOL)]);
  const forged = { ...signed, signatures: other.signatures };
  const refused = { fee: null, loadedAccountsDataSize: 0, logs: [], preBalances: null, unitsConsumed: 0 };
  expect(await simulate(forged, { sigVerify: true })).toMatchObject({ err: "SignatureFailure", ...refused });
  expect(await simulate(forged)).toMatchObject({ err: null });
  chain.passSlots(200);
  expect(await simulate(signed)).toMatchObject({ err: "BlockhashNotFound", ...refused });
  expect(await simulate(signed, { replaceRecentBlockhash: true })).toMatchObject({
    err: null,
    replacementBlockhash: { blockhash: expect.any(String), lastValidBlockHeight: expect.any(Number) },
  });
});

test("accounts come back in every encoding but base58, and no more than the transaction has", async () => {
  const signed = await chain.sign(payer, [await transfer(SOL)]);
  const wire = getBase64EncodedWireTransaction(signed);
  const ask = async (encoding: string, count = 1) =>
    await chain.call("simulateTransaction", [
      wire,
      { encoding: "base64", accounts: { encoding, addresses: Array(count).fill(payer.address) } },
    ]);
  for (const encoding of ["base64", "base64+zstd"])
    expect(await ask(encoding)).toMatchObject({
      result: { value: { accounts: [{ data: [expect.any(String), encoding] }] } },
    });
  expect(await ask("base58")).toMatchObject({
    error: { code: -32602, message: "base58 encoding not supported" },
  });
  expect(await ask("base64", 4)).toMatchObject({
    error: { code: -32602, message: "Too many accounts provided; max 3" },
  });
});
