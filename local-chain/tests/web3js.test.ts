import {
  AddressLookupTableProgram,
  Connection,
  Keypair,
  LAMPORTS_PER_SOL,
  PublicKey,
  SendTransactionError,
  SystemProgram,
  sendAndConfirmTransaction,
  Transaction,
  TransactionMessage,
  VersionedTransaction,
} from "@solana/web3.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RUNNING, startTestNetwork, type TestNetwork } from "../testing/network.ts";

let chain: TestNetwork;
let connection: Connection;
let payer: Keypair;
beforeAll(async () => {
  chain = await startTestNetwork(RUNNING);
  connection = new Connection(chain.server.rpcUrl, {
    commitment: "confirmed",
    wsEndpoint: chain.server.wsUrl,
  });
  payer = await fundedKeypair(100);
});
afterAll(async () => {
  await chain.server.close();
  expect(chain.faults).toEqual([]);
});

async function fundedKeypair(sol: number): Promise<Keypair> {
  const wallet = Keypair.generate();
  const signature = await connection.requestAirdrop(wallet.publicKey, sol * LAMPORTS_PER_SOL);
  await connection.confirmTransaction({ signature, ...(await connection.getLatestBlockhash()) });
  return wallet;
}

const transfer = (to: PublicKey, lamports: number) =>
  SystemProgram.transfer({ fromPubkey: payer.publicKey, toPubkey: to, lamports });
const fresh = () => Keypair.generate().publicKey;

test("web3.js sends and confirms a transfer, and finds it again in every form", async () => {
  const to = fresh();
  const signature = await sendAndConfirmTransaction(
    connection,
    new Transaction().add(transfer(to, LAMPORTS_PER_SOL)),
    [payer],
  );
  expect(await connection.getBalance(to)).toBe(LAMPORTS_PER_SOL);
  expect((await connection.getSignatureStatus(signature)).value?.err).toBeNull();
  const found = await connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 });
  expect(found?.meta?.fee).toBe(5000);
  expect(found?.transaction.message.staticAccountKeys.map(String)).toContain(to.toBase58());
  const [listed] = await connection.getSignaturesForAddress(to);
  expect(listed).toMatchObject({ signature, err: null, slot: found?.slot });

  const parsed = await connection.getParsedTransaction(signature);
  expect(parsed?.transaction.message.instructions).toMatchObject([
    {
      program: "system",
      parsed: {
        type: "transfer",
        info: {
          source: payer.publicKey.toBase58(),
          destination: to.toBase58(),
          lamports: LAMPORTS_PER_SOL,
        },
      },
    },
  ]);
  expect(parsed?.transaction.message.accountKeys[0]).toMatchObject({ signer: true, writable: true });
  const both = await connection.getParsedTransactions([signature, signature]);
  expect(both.map((one) => one?.slot)).toEqual([found?.slot, found?.slot]);
});

test("web3.js confirms over calls alone, where its subscription is not answered", async () => {
  const quiet = new Connection(chain.server.rpcUrl, "confirmed");
  const { blockhash, lastValidBlockHeight } = await quiet.getLatestBlockhash();
  const message = new TransactionMessage({
    payerKey: payer.publicKey,
    recentBlockhash: blockhash,
    instructions: [transfer(fresh(), LAMPORTS_PER_SOL)],
  });
  const transaction = new VersionedTransaction(message.compileToLegacyMessage());
  transaction.sign([payer]);
  const signature = await quiet.sendTransaction(transaction);
  await expect
    .poll(async () => (await quiet.getSignatureStatus(signature)).value?.confirmationStatus, {
      timeout: 10_000,
    })
    .toMatch(/confirmed|finalized/);
  expect(await quiet.getBlockHeight()).toBeLessThanOrEqual(lastValidBlockHeight);
});

test("web3.js hears of accounts, programs, signatures, logs, slots and roots", async () => {
  const to = fresh();
  const heard = new Map<string, unknown>();
  const ids = {
    account: connection.onAccountChange(to, (account) => heard.set("account", account.lamports)),
    program: connection.onProgramAccountChange(
      SystemProgram.programId,
      ({ accountId }) => heard.set("program", accountId.toBase58() === to.toBase58()),
      { commitment: "confirmed", filters: [{ dataSize: 0 }] },
    ),
    logs: connection.onLogs(to, ({ logs, err }) => heard.set("logs", [logs.length, err])),
    slot: connection.onSlotChange(({ slot, parent, root }) =>
      heard.set("slot", slot > parent && parent > root),
    ),
    root: connection.onRootChange((root) => heard.set("root", root > 0)),
    update: connection.onSlotUpdate(({ type }) => heard.set(`update ${type}`, true)),
  };
  const { blockhash } = await connection.getLatestBlockhash();
  const transaction = new Transaction({ feePayer: payer.publicKey, recentBlockhash: blockhash }).add(
    transfer(to, 3 * LAMPORTS_PER_SOL),
  );
  transaction.sign(payer);
  // Subscriptions are asked for in the background: send when they stand.
  await expect.poll(() => heard.has("slot") && heard.has("root"), { timeout: 10_000 }).toBe(true);
  const signature = await connection.sendRawTransaction(transaction.serialize());
  connection.onSignature(signature, ({ err }) => heard.set("signature", err));
  await expect.poll(() => heard.size, { timeout: 10_000 }).toBeGreaterThanOrEqual(9);
  expect(Object.fromEntries(heard)).toMatchObject({
    account: 3 * LAMPORTS_PER_SOL,
    program: true,
    logs: [2, null],
    slot: true,
    root: true,
    signature: null,
    "update createdBank": true,
    "update optimisticConfirmation": true,
    "update root": true,
  });
  await connection.removeAccountChangeListener(ids.account);
  await connection.removeProgramAccountChangeListener(ids.program);
  await connection.removeOnLogsListener(ids.logs);
  await connection.removeSlotChangeListener(ids.slot);
  await connection.removeRootChangeListener(ids.root);
  await connection.removeSlotUpdateListener(ids.update);
});

test("web3.js gets the program's logs with a refused transaction", async () => {
  const attempt = sendAndConfirmTransaction(
    connection,
    new Transaction().add(transfer(fresh(), 1_000_000 * LAMPORTS_PER_SOL)),
    [payer],
  );
  const refused = await attempt.catch((fault: unknown) => fault);
  expect(refused).toBeInstanceOf(SendTransactionError);
  expect(refused).toMatchObject({
    message: expect.stringContaining("custom program error: 0x1"),
    logs: expect.arrayContaining([expect.stringContaining("insufficient lamports")]),
  });
  const unsigned = new VersionedTransaction(
    new TransactionMessage({
      payerKey: payer.publicKey,
      recentBlockhash: (await connection.getLatestBlockhash()).blockhash,
      instructions: [transfer(fresh(), 1)],
    }).compileToV0Message(),
  );
  await expect(connection.sendTransaction(unsigned)).rejects.toThrow("did not pass signature verification");
  await expect(connection.sendRawTransaction(Buffer.from([1, 2, 3]))).rejects.toThrow("deserialize");
});

test("web3.js simulates and asks the fee", async () => {
  const { blockhash } = await connection.getLatestBlockhash();
  const message = new TransactionMessage({
    payerKey: payer.publicKey,
    recentBlockhash: blockhash,
    instructions: [transfer(fresh(), LAMPORTS_PER_SOL)],
  }).compileToV0Message();
  const { value } = await connection.simulateTransaction(new VersionedTransaction(message), {
    accounts: { encoding: "base64", addresses: [payer.publicKey.toBase58()] },
  });
  expect(value).toMatchObject({ err: null, unitsConsumed: 150 });
  expect(value.accounts?.[0]?.owner).toBe(SystemProgram.programId.toBase58());
  expect((await connection.getFeeForMessage(message)).value).toBe(5000);
  const legacy = new Transaction().add(transfer(fresh(), LAMPORTS_PER_SOL));
  expect((await connection.simulateTransaction(legacy, [payer])).value.err).toBeNull();
});

test("web3.js makes a lookup table and sends a transaction through it", async () => {
  const to = fresh();
  const [create, table] = AddressLookupTableProgram.createLookupTable({
    authority: payer.publicKey,
    payer: payer.publicKey,
    recentSlot: (await connection.getSlot("confirmed")) - 1,
  });
  const extend = AddressLookupTableProgram.extendLookupTable({
    lookupTable: table,
    authority: payer.publicKey,
    payer: payer.publicKey,
    addresses: [to, fresh()],
  });
  await sendAndConfirmTransaction(connection, new Transaction().add(create, extend), [payer]);
  const { value } = await connection.getAddressLookupTable(table);
  if (value === null) throw new Error("no lookup table");
  expect(value.state.addresses[0]?.toBase58()).toBe(to.toBase58());

  const lifetime = await connection.getLatestBlockhash();
  const message = new TransactionMessage({
    payerKey: payer.publicKey,
    recentBlockhash: lifetime.blockhash,
    instructions: [transfer(to, LAMPORTS_PER_SOL)],
  }).compileToV0Message([value]);
  const transaction = new VersionedTransaction(message);
  transaction.sign([payer]);
  const signature = await connection.sendTransaction(transaction);
  await connection.confirmTransaction({ signature, ...lifetime });
  const found = await connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 });
  expect(found?.meta?.loadedAddresses?.writable.map(String)).toEqual([to.toBase58()]);
  const parsed = await connection.getParsedTransaction(signature, { maxSupportedTransactionVersion: 0 });
  expect(parsed?.transaction.message.accountKeys).toContainEqual(
    expect.objectContaining({ pubkey: to, source: "lookupTable", writable: true, signer: false }),
  );
  expect(parsed?.version).toBe(0);
});

test("web3.js reads blocks, plain and parsed", async () => {
  const to = fresh();
  const signature = await sendAndConfirmTransaction(
    connection,
    new Transaction().add(transfer(to, LAMPORTS_PER_SOL)),
    [payer],
  );
  const slot = (await connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 }))?.slot ?? 0;
  const options = { maxSupportedTransactionVersion: 0, commitment: "confirmed" } as const;
  const block = await connection.getBlock(slot, options);
  expect(block?.parentSlot).toBe(slot - 1);
  expect(block?.transactions.map((one) => one.transaction.signatures[0])).toContain(signature);
  const parsed = await connection.getParsedBlock(slot, options);
  expect(parsed.transactions.map((one) => one.transaction.signatures[0])).toContain(signature);
  const accounts = await connection.getParsedBlock(slot, { ...options, transactionDetails: "accounts" });
  expect(accounts.transactions[0]?.transaction.accountKeys.map((one) => one.pubkey.toBase58())).toContain(
    to.toBase58(),
  );
  const none = await connection.getBlock(slot, { ...options, transactionDetails: "none" });
  expect(none?.blockhash).toBe(block?.blockhash);
  expect((await connection.getBlockSignatures(slot, "confirmed")).signatures).toContain(signature);
  expect(await connection.getBlocks(slot - 2, slot, "confirmed")).toEqual([slot - 2, slot - 1, slot]);
  expect(await connection.getBlockTime(slot)).toBe(block?.blockTime);
  await expect(connection.getBlock(slot + 1000, options)).rejects.toThrow("Block not available");
});

test("web3.js learns what it asks about the network itself", async () => {
  expect(await connection.getVersion()).toHaveProperty("solana-core");
  const slot = await connection.getSlot("processed");
  expect((await connection.getEpochInfo("processed")).absoluteSlot).toBeGreaterThanOrEqual(slot);
  const schedule = await connection.getEpochSchedule();
  expect(schedule.slotsPerEpoch).toBe(432_000);
  expect(schedule.getEpoch(slot)).toBe((await connection.getEpochInfo("processed")).epoch);
  const leader = await connection.getSlotLeader();
  expect((await connection.getSlotLeaders(slot, 3)).map(String)).toEqual([leader, leader, leader]);
  expect(Object.keys(await connection.getLeaderSchedule())).toEqual([leader]);
  const [node, ...others] = await connection.getClusterNodes();
  expect([node?.pubkey, others]).toEqual([leader, []]);
  const { current, delinquent } = await connection.getVoteAccounts();
  expect([current[0]?.nodePubkey, delinquent]).toEqual([leader, []]);
  expect(await connection.getFirstAvailableBlock()).toBeLessThan(slot);
  expect(await connection.getMinimumLedgerSlot()).toBeLessThan(slot);
  expect((await connection.getSupply()).value.total).toBeGreaterThan(0);
  expect((await connection.getLargestAccounts()).value[0]?.lamports).toBeGreaterThan(0);
  expect(await connection.getInflationGovernor()).toHaveProperty("terminal");
  expect(await connection.getInflationRate()).toHaveProperty("total");
  expect(await connection.getInflationReward([payer.publicKey])).toEqual([null]);
  expect((await connection.getRecentPerformanceSamples(1))[0]?.numSlots).toBeGreaterThan(0);
  expect((await connection.getBlockProduction()).value.byIdentity).toHaveProperty(leader);
  expect((await connection.getStakeMinimumDelegation()).value).toBeGreaterThan(0);
  expect(await connection.getTransactionCount()).toBeGreaterThan(0);
  expect(await connection.getMinimumBalanceForRentExemption(165)).toBe(2_039_280);
  expect((await connection.getRecentPrioritizationFees()).length).toBeGreaterThan(0);
  const { blockhash } = await connection.getLatestBlockhash();
  expect((await connection.isBlockhashValid(blockhash)).value).toBe(true);
  await expect(connection.getStakeActivation(payer.publicKey)).rejects.toThrow();
});

test("web3.js gets accounts that nobody can parse as bytes", async () => {
  const data = await connection.getParsedAccountInfo(payer.publicKey);
  expect(data.value?.data).toEqual(Buffer.alloc(0));
  expect(await connection.getAccountInfo(fresh())).toBeNull();
  const infos = await connection.getMultipleAccountsInfo([payer.publicKey, fresh()]);
  expect([infos[0]?.owner.toBase58(), infos[1]]).toEqual([PublicKey.default.toBase58(), null]);
});
