import {
  assertIsTransactionWithBlockhashLifetime,
  getBase64EncodedWireTransaction,
  getSignatureFromTransaction,
  isSolanaError,
  type KeyPairSigner,
  lamports,
  SOLANA_ERROR__BLOCK_HEIGHT_EXCEEDED,
} from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { TEST_MINTS } from "../genesis.ts";
import { freshAddress, RUNNING, STILL, startTestNetwork, type TestNetwork } from "../testing/network.ts";
import { TOKEN_PROGRAM } from "../tokens.ts";

vi.setConfig({ testTimeout: 15_000 });

let chain: TestNetwork;
let payer: KeyPairSigner;
beforeAll(async () => {
  chain = await startTestNetwork(RUNNING);
  payer = await chain.fundedWallet(1000n);
});
afterAll(async () => {
  await chain.server.close();
  expect(chain.faults).toEqual([]);
});

const SOL = 1_000_000_000n;
const signTransfer = async (of: TestNetwork, to: Awaited<ReturnType<typeof freshAddress>>, amount = SOL) => {
  const signed = await of.sign(payer, [
    getTransferSolInstruction({ source: payer, destination: to, amount }),
  ]);
  assertIsTransactionWithBlockhashLifetime(signed);
  return signed;
};

/** Starts listening and gives what comes, one by one. kit drops what comes while nobody waits: always wait. */
const listen = async <Told>(open: (abortSignal: AbortSignal) => Promise<AsyncIterable<Told>>) => {
  const stop = new AbortController();
  const told = (await open(stop.signal))[Symbol.asyncIterator]();
  let coming = told.next();
  const next = async (): Promise<Told> => {
    const { value } = await coming;
    coming = told.next();
    return value;
  };
  return { next, stop: () => stop.abort() };
};

for (const commitment of ["processed", "confirmed", "finalized"] as const) {
  test(`kit sends a transfer and confirms it at ${commitment}`, async () => {
    const to = await freshAddress();
    await chain.confirm(await signTransfer(chain, to), { commitment });
    expect((await chain.rpc.getBalance(to, { commitment }).send()).value).toBe(SOL);
  });
}

test("a transaction that fails is confirmed as failed", async () => {
  const signed = await signTransfer(chain, await freshAddress(), 10n ** 15n);
  const confirming = chain.confirm(signed, { commitment: "confirmed", skipPreflight: true });
  await expect(confirming).rejects.toThrow(/instruction #1/i);
});

test("a transaction that is never sent is given up when its blockhash has expired", async () => {
  const still = await startTestNetwork(STILL);
  const lost = await signTransfer(still, await freshAddress());
  // Nobody of this network paid the payer: without preflight it is dropped in silence.
  const confirming = still
    .confirm(lost, { commitment: "confirmed", skipPreflight: true })
    .catch((e: unknown) => e);
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setTimeout(resolve, 150));
    still.passSlots(60);
  }
  expect(isSolanaError(await confirming, SOLANA_ERROR__BLOCK_HEIGHT_EXCEEDED)).toBe(true);
  await still.server.close();
});

test("a signature settled before anybody listened is told at once", async () => {
  const signed = await signTransfer(chain, await freshAddress());
  await chain.confirm(signed, { commitment: "confirmed" });
  const told = await listen(async (abortSignal) =>
    chain.subscriptions
      .signatureNotifications(getSignatureFromTransaction(signed), { commitment: "confirmed" })
      .subscribe({ abortSignal }),
  );
  expect((await told.next()).value).toEqual({ err: null });
  told.stop();
});

test("an account's new state is told at the commitment asked for, with the slot it is from", async () => {
  const to = await freshAddress();
  const told = await listen(async (abortSignal) =>
    chain.subscriptions
      .accountNotifications(to, { commitment: "confirmed", encoding: "base64" })
      .subscribe({ abortSignal }),
  );
  const signature = await chain.rpc.requestAirdrop(to, lamports(SOL)).send();
  const { context, value } = await told.next();
  expect(value.lamports).toBe(SOL);
  const { value: statuses } = await chain.rpc.getSignatureStatuses([signature]).send();
  expect(statuses[0]).toMatchObject({
    slot: context.slot,
    confirmationStatus: expect.stringMatching(/confirmed|finalized/),
  });
  told.stop();
});

test("a program's accounts are told when they change, filtered", async () => {
  const wallet = await freshAddress();
  const told = await listen(async (abortSignal) =>
    chain.subscriptions
      .programNotifications(TOKEN_PROGRAM, {
        commitment: "processed",
        encoding: "jsonParsed",
        filters: [{ dataSize: 165n }],
      })
      .subscribe({ abortSignal }),
  );
  await chain.call("ionet_requestTokens", [wallet, TEST_MINTS.USDC.address, "5"]);
  const { value } = await told.next();
  expect(value.account.data).toMatchObject({
    parsed: { info: { owner: wallet, tokenAmount: { amount: "5" } } },
  });
  told.stop();
});

test("logs are told for the accounts mentioned only", async () => {
  const to = await freshAddress();
  const told = await listen(async (abortSignal) =>
    chain.subscriptions
      .logsNotifications({ mentions: [to] }, { commitment: "processed" })
      .subscribe({ abortSignal }),
  );
  await chain.rpc.requestAirdrop(await freshAddress(), lamports(SOL)).send();
  const signed = await signTransfer(chain, to);
  await chain.rpc.sendTransaction(getBase64EncodedWireTransaction(signed), { encoding: "base64" }).send();
  const { value } = await told.next();
  expect(value).toMatchObject({ signature: getSignatureFromTransaction(signed), err: null });
  expect(value.logs).toContain("Program 11111111111111111111111111111111 success");
  told.stop();
});

test("slots are told one after the other by themselves", async () => {
  const told = await listen(async (abortSignal) =>
    chain.subscriptions.slotNotifications().subscribe({ abortSignal }),
  );
  const first = await told.next();
  const second = await told.next();
  expect(second).toMatchObject({ slot: first.slot + 1n, parent: first.slot, root: first.slot - 1n });
  told.stop();
});

test("a subscription ends when it is told to, and one that does not exist is refused", async () => {
  const socket = new WebSocket(chain.server.wsUrl);
  await new Promise((resolve) => socket.once("open", resolve));
  const answers: { id?: number; method?: string; result?: unknown; error?: unknown }[] = [];
  const ask = async (id: number, method: string, params: unknown[]) => {
    socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    await expect.poll(() => answers.some((one) => one.id === id)).toBe(true);
    return answers.find((one) => one.id === id);
  };
  socket.on("message", (data) => answers.push(JSON.parse(String(data))));
  const subscription = (await ask(1, "logsSubscribe", ["all", { commitment: "processed" }]))?.result;
  await chain.rpc.requestAirdrop(await freshAddress(), lamports(SOL)).send();
  await expect.poll(() => answers.filter((one) => one.method === "logsNotification").length).toBe(1);
  expect(await ask(2, "logsUnsubscribe", [subscription])).toMatchObject({ result: true });
  expect(await ask(3, "logsUnsubscribe", [subscription])).toMatchObject({ error: { code: -32602 } });
  expect(await ask(4, "blockSubscribe", ["all"])).toMatchObject({ error: { code: -32601 } });
  expect(await ask(5, "accountSubscribe", ["x"])).toMatchObject({
    error: { code: -32602, data: { field: "address" } },
  });
  await chain.rpc.requestAirdrop(await freshAddress(), lamports(SOL)).send();
  await ask(6, "slotSubscribe", []);
  expect(answers.filter((one) => one.method === "logsNotification")).toHaveLength(1);
  socket.close();
});

test("subscriptions are served on the port of the calls as well", async () => {
  const socket = new WebSocket(chain.server.rpcUrl.replace("http", "ws"));
  const told = new Promise((resolve) => socket.on("message", (data) => resolve(JSON.parse(String(data)))));
  await new Promise((resolve) => socket.once("open", resolve));
  socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "slotSubscribe", params: [] }));
  expect(await told).toMatchObject({ id: 1, result: expect.any(Number) });
  socket.close();
});
