import {
  generateKeyPairSigner,
  getBase64Decoder,
  getBase64EncodedWireTransaction,
  getSignatureFromTransaction,
  type KeyPairSigner,
  type TransactionMessageBytesBase64,
} from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freshAddress, STILL, startTestNetwork, type TestNetwork } from "../testing/network.ts";

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

const transferTo = async (amount: bigint, destination?: Awaited<ReturnType<typeof freshAddress>>) =>
  getTransferSolInstruction({ source: payer, destination: destination ?? (await freshAddress()), amount });
const SOL = 1_000_000_000n;
type Signed = Awaited<ReturnType<TestNetwork["sign"]>>;
const send = async (signed: Signed, options: { skipPreflight?: boolean } = {}) =>
  await chain.rpc
    .sendTransaction(getBase64EncodedWireTransaction(signed), { encoding: "base64", ...options })
    .send();
const sendRaw = async (signed: Signed) =>
  await chain.call("sendTransaction", [getBase64EncodedWireTransaction(signed), { encoding: "base64" }]);

for (const version of ["legacy", 0, 1] as const) {
  test(`a transfer in a transaction of version ${version} runs, costs its fee, and is found again`, async () => {
    const to = await freshAddress();
    const signature = await send(await chain.sign(payer, [await transferTo(SOL, to)], version));
    chain.passSlots(2);
    expect((await chain.rpc.getBalance(to).send()).value).toBe(SOL);
    const found = await chain.rpc
      .getTransaction(signature, {
        maxSupportedTransactionVersion: 1 as 0,
        encoding: "json",
        commitment: "finalized",
      })
      .send();
    expect(found).toMatchObject({ version });
    const [before = 0n, none] = found?.meta?.preBalances ?? [];
    const [after = 0n, received] = found?.meta?.postBalances ?? [];
    expect([before - after, none, received]).toEqual([SOL + 5000n, 0n, SOL]);
    expect(found?.meta).toMatchObject({ err: null, fee: 5000n });
    expect(found?.meta?.logMessages).toContain("Program 11111111111111111111111111111111 success");
    expect(found?.transaction.message.accountKeys).toEqual([
      payer.address,
      to,
      "11111111111111111111111111111111",
    ]);
    expect(found?.transaction.signatures).toEqual([signature]);
  });
}

test("a transaction newer than the client reads is refused with the node's own code", async () => {
  const signature = await send(await chain.sign(payer, [await transferTo(SOL)], 0));
  chain.passSlots(2);
  expect(await chain.call("getTransaction", [signature])).toMatchObject({ error: { code: -32015 } });
  const bytes = await chain.call("getTransaction", [
    signature,
    { encoding: "base64", maxSupportedTransactionVersion: 0 },
  ]);
  expect(bytes).toMatchObject({ result: { transaction: [expect.any(String), "base64"], version: 0 } });
});

test("a transaction's status climbs from processed over confirmed to finalized", async () => {
  const signature = await send(await chain.sign(payer, [await transferTo(SOL)]));
  const status = async () => (await chain.rpc.getSignatureStatuses([signature]).send()).value[0];
  expect(await status()).toMatchObject({ confirmationStatus: "processed", confirmations: 0n, err: null });
  expect(
    await chain.rpc.getTransaction(signature, { maxSupportedTransactionVersion: 0, encoding: "json" }).send(),
  ).toBeNull();
  chain.passSlots(1);
  expect(await status()).toMatchObject({ confirmationStatus: "confirmed", confirmations: 1n });
  chain.passSlots(1);
  expect(await status()).toMatchObject({ confirmationStatus: "finalized", confirmations: null });
  chain.passSlots(400);
  expect(await status()).toBeNull();
  const all = await chain.rpc.getSignatureStatuses([signature], { searchTransactionHistory: true }).send();
  expect(all.value[0]).toMatchObject({ confirmationStatus: "finalized" });
});

test("the same transaction is taken once", async () => {
  const to = await freshAddress();
  const signed = await chain.sign(payer, [await transferTo(SOL, to)]);
  await send(signed);
  expect(await sendRaw(signed)).toMatchObject({
    error: {
      code: -32002,
      message: expect.stringContaining("already been processed"),
      data: { err: "AlreadyProcessed" },
    },
  });
  await send(signed, { skipPreflight: true });
  expect((await chain.rpc.getBalance(to, { commitment: "processed" }).send()).value).toBe(SOL);
});

test("a blockhash is good for 150 blocks and no longer", async () => {
  const { value: lifetime } = await chain.rpc.getLatestBlockhash({ commitment: "processed" }).send();
  const inTime = await chain.sign(payer, [await transferTo(SOL)]);
  const late = await chain.sign(payer, [await transferTo(SOL)]);
  chain.passSlots(150);
  expect(await chain.rpc.getBlockHeight({ commitment: "processed" }).send()).toBe(
    lifetime.lastValidBlockHeight,
  );
  await send(inTime);
  chain.passSlots(1);
  expect(await sendRaw(late)).toMatchObject({ error: { code: -32002, data: { err: "BlockhashNotFound" } } });
  const valid = await chain.rpc.isBlockhashValid(lifetime.blockhash, { commitment: "processed" }).send();
  expect(valid.value).toBe(false);
});

test("preflight tells the program's error, its logs and units, and takes no fee", async () => {
  const before = await chain.rpc.getBalance(payer.address, { commitment: "processed" }).send();
  const signed = await chain.sign(payer, [await transferTo(10n ** 15n)]);
  expect(await sendRaw(signed)).toMatchObject({
    error: {
      code: -32002,
      message: "Transaction simulation failed: Error processing Instruction 0: custom program error: 0x1",
      data: { err: { InstructionError: [0, { Custom: 1 }] }, unitsConsumed: 150 },
    },
  });
  await expect(send(signed)).rejects.toMatchObject({
    context: { logs: expect.arrayContaining([expect.stringContaining("insufficient lamports")]) },
  });
  expect(await chain.rpc.getBalance(payer.address, { commitment: "processed" }).send()).toMatchObject({
    value: before.value,
  });
});

test("without preflight a failing transaction lands, pays its fee, and keeps its error", async () => {
  const before = (await chain.rpc.getBalance(payer.address, { commitment: "processed" }).send()).value;
  const signature = await send(await chain.sign(payer, [await transferTo(10n ** 15n)]), {
    skipPreflight: true,
  });
  const after = (await chain.rpc.getBalance(payer.address, { commitment: "processed" }).send()).value;
  expect(before - after).toBe(5000n);
  const { value } = await chain.rpc.getSignatureStatuses([signature]).send();
  expect(value[0]).toMatchObject({ err: { InstructionError: [0n, { Custom: 1n }] } });
});

test("a signature that does not fit is refused, and moves nothing without preflight either", async () => {
  const to = await freshAddress();
  const signed = await chain.sign(payer, [await transferTo(SOL, to)]);
  const other = await chain.sign(payer, [await transferTo(SOL)]);
  const forged = { ...signed, signatures: other.signatures };
  expect(await sendRaw(forged)).toMatchObject({
    error: { code: -32002, data: { err: "SignatureFailure", logs: [] } },
  });
  await send(forged, { skipPreflight: true });
  expect((await chain.rpc.getBalance(to, { commitment: "processed" }).send()).value).toBe(0n);
});

test("a payer without money is refused before anything runs", async () => {
  const poor = await generateKeyPairSigner();
  const instruction = getTransferSolInstruction({ source: poor, destination: payer.address, amount: 1n });
  expect(await sendRaw(await chain.sign(poor, [instruction]))).toMatchObject({
    error: { code: -32002, data: { err: "AccountNotFound", logs: [] } },
  });
});

test("simulation changes nothing, shows the accounts as they would be, and can stand in a blockhash", async () => {
  const to = await freshAddress();
  const signed = await chain.sign(payer, [await transferTo(SOL, to)]);
  chain.passSlots(200);
  const wire = getBase64EncodedWireTransaction(signed);
  const dead = await chain.rpc.simulateTransaction(wire, { encoding: "base64" }).send();
  expect(dead.value.err).toBe("BlockhashNotFound");
  const alive = await chain.rpc
    .simulateTransaction(wire, {
      encoding: "base64",
      replaceRecentBlockhash: true,
      accounts: { encoding: "base64", addresses: [to] },
    })
    .send();
  expect(alive.value).toMatchObject({ err: null, unitsConsumed: 150n, accounts: [{ lamports: SOL }] });
  expect(alive.value.replacementBlockhash?.blockhash).toBeTypeOf("string");
  expect((await chain.rpc.getBalance(to, { commitment: "processed" }).send()).value).toBe(0n);
});

test("the fee of a message counts its signatures", async () => {
  const signed = await chain.sign(payer, [await transferTo(SOL)]);
  const message = getBase64Decoder().decode(signed.messageBytes) as TransactionMessageBytesBase64;
  expect((await chain.rpc.getFeeForMessage(message, { commitment: "processed" }).send()).value).toBe(5000n);
});

test("an account's signatures come newest first, between the ones named", async () => {
  const to = await freshAddress();
  const sent = [];
  for (let i = 1n; i <= 4n; i++)
    sent.push(await send(await chain.sign(payer, [await transferTo(SOL + i, to)])));
  const [first, second, third, fourth] = sent;
  chain.passSlots(2);
  const list = async (options: object) =>
    (await chain.rpc.getSignaturesForAddress(to, options).send()).map((one) => one.signature);
  expect(await list({})).toEqual([fourth, third, second, first]);
  expect(await list({ limit: 2 })).toEqual([fourth, third]);
  expect(await list({ before: fourth, until: first })).toEqual([third, second]);
});

test("two equal airdrops in one slot are two transactions", async () => {
  const wallet = await freshAddress();
  // kit folds equal calls into one: send them raw.
  const [a, b] = await Promise.all([1, 2].map(() => chain.call("requestAirdrop", [wallet, Number(SOL)])));
  expect(a?.result).toBeTypeOf("string");
  expect(a?.result).not.toBe(b?.result);
  expect((await chain.rpc.getBalance(wallet, { commitment: "processed" }).send()).value).toBe(2n * SOL);
});

test("the signature that the client computes is the one the network answers", async () => {
  const signed = await chain.sign(payer, [await transferTo(SOL)]);
  expect(await send(signed)).toBe(getSignatureFromTransaction(signed));
});

test("a context slot that has not come is refused", async () => {
  const slot = await chain.rpc.getSlot({ commitment: "processed" }).send();
  expect(await chain.call("getBalance", [payer.address, { minContextSlot: Number(slot) }])).toMatchObject({
    error: { code: -32016, data: { contextSlot: Number(slot) - 2 } },
  });
});
