import { getBase64EncodedWireTransaction, getSignatureFromTransaction, lamports } from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { freshAddress, STILL, startTestNetwork, type TestNetwork } from "../testing/network.ts";
import { isObject } from "./parameters.ts";

let chain: TestNetwork;
beforeAll(async () => {
  chain = await startTestNetwork(STILL);
});
afterAll(async () => {
  await chain.server.close();
  expect(chain.faults).toEqual([]);
});

/** A plain WebSocket: says a text, and gives what comes, one by one. */
const open = async () => {
  const socket = new WebSocket(chain.server.wsUrl);
  await new Promise((resolve) => socket.once("open", resolve));
  const come: unknown[] = [];
  const waiting: ((message: unknown) => void)[] = [];
  socket.on("message", (data) => {
    const message: unknown = JSON.parse(String(data));
    const taker = waiting.shift();
    if (taker === undefined) come.push(message);
    else taker(message);
  });
  const next = async () => come.shift() ?? (await new Promise<unknown>((resolve) => waiting.push(resolve)));
  const ask = async (text: string) => {
    socket.send(text);
    return await next();
  };
  const call = async (method: string, params: unknown) =>
    await ask(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
  return { next, ask, call, close: () => socket.close() };
};
const toldIn = (message: unknown) =>
  isObject(message) && isObject(message.params) && isObject(message.params.result)
    ? message.params.result.value
    : message;

test("an account too long for base58 is told with a sentence in its data's place, and the network runs on", async () => {
  const line = await open();
  const account = await freshAddress();
  await line.call("accountSubscribe", [account, { commitment: "confirmed", encoding: "base58" }]);
  await line.call("accountSubscribe", [account, { commitment: "confirmed" }]);
  await chain.call("ionet_setAccount", [
    account,
    { owner: await freshAddress(), data: Buffer.alloc(129).toString("base64") },
  ]);
  chain.passSlots(1);
  await chain.rpc.getSlot().send();
  const sentence = "error: data too large for bs58 encoding";
  expect(toldIn(await line.next())).toMatchObject({ data: [sentence, "base58"] });
  expect(toldIn(await line.next())).toMatchObject({ data: sentence });
  line.close();
});

test("who wants it is told when a transaction first ran, before it is settled", async () => {
  const line = await open();
  const payer = await chain.fundedWallet();
  const transfer = getTransferSolInstruction({
    source: payer,
    destination: await freshAddress(),
    amount: 1_000_000_000n,
  });
  const signed = await chain.sign(payer, [transfer]);
  const options = { commitment: "finalized", enableReceivedNotification: true };
  await line.call("signatureSubscribe", [getSignatureFromTransaction(signed), options]);
  await chain.rpc.sendTransaction(getBase64EncodedWireTransaction(signed), { encoding: "base64" }).send();
  expect(toldIn(await line.next())).toBe("receivedSignature");
  chain.passSlots(2);
  await chain.rpc.getSlot().send();
  expect(toldIn(await line.next())).toEqual({ err: null });
  line.close();
});

test("a slot's life is told with what ran in it", async () => {
  const line = await open();
  await line.call("slotsUpdatesSubscribe", []);
  await chain.rpc.requestAirdrop(await freshAddress(), lamports(1_000_000n)).send();
  chain.passSlots(1);
  await chain.rpc.getSlot().send();
  const told = [];
  for (let i = 0; i < 5; i++) told.push(await line.next());
  const updates = told.map((one) => (isObject(one) && isObject(one.params) ? one.params.result : one));
  const stats = { numTransactionEntries: 1, numSuccessfulTransactions: 1, numFailedTransactions: 0 };
  expect(updates).toMatchObject([
    { type: "createdBank" },
    { type: "completed" },
    { type: "frozen", stats: { ...stats, maxTransactionsPerEntry: 1 } },
    { type: "optimisticConfirmation" },
    { type: "root" },
  ]);
  line.close();
});

test("what a socket says that is no call is answered with the codes of JSON-RPC", async () => {
  const line = await open();
  expect(await line.ask("{")).toMatchObject({ error: { code: -32700 }, id: null });
  expect(await line.ask('{"id":3}')).toMatchObject({ error: { code: -32600 }, id: 3 });
  for (const method of ["voteSubscribe", "blockSubscribe", "getBalance"])
    expect(await line.call(method, [])).toMatchObject({
      error: { code: -32601, message: "Method not found" },
    });
  expect(await line.call("slotUnsubscribe", [99])).toMatchObject({
    error: { code: -32602, message: "Invalid subscription id." },
  });
  expect(await line.call("getVersion", [])).toMatchObject({ result: { "solana-core": expect.any(String) } });
  const two = [1, 2].map((id) => ({ jsonrpc: "2.0", id, method: "getVersion" }));
  expect(await line.ask(JSON.stringify(two))).toMatchObject({ id: 1 });
  expect(await line.next()).toMatchObject({ id: 2 });
  line.close();
});
