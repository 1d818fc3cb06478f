import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "@ionet/machine";
import { getBase64EncodedWireTransaction, lamports } from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import { findAssociatedTokenPda } from "@solana-program/token";
import { afterEach, expect, test } from "vitest";
import { TEST_MINTS } from "../genesis.ts";
import type { LocalNetworkOptions } from "../network.ts";
import {
  freshAddress,
  STILL,
  startTestNetwork,
  type TestNetwork,
  tokenProgramElf,
} from "../testing/network.ts";
import { TOKEN_PROGRAM } from "../tokens.ts";
import { openLedger } from "./ledger.ts";
import { LedgerProblem } from "./ledger-problem.ts";

const folders: string[] = [];
const started: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of started.splice(0)) await one.close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ionet-ledger-"));
  folders.push(folder);
  return folder;
}

/** A network on a ledger; `leave` ends it as kill -9 does: nothing is saved on the way. */
async function start(
  folder: string,
  options: Partial<LocalNetworkOptions> = {},
  clock: Clock = STILL,
): Promise<TestNetwork & { leave(): Promise<void> }> {
  const ledger = openLedger(folder);
  const chain = await startTestNetwork(clock, { ...options, ledger });
  let open = true;
  const leave = async () => {
    if (!open) return;
    open = false;
    await chain.server.close();
    ledger.close();
    expect(chain.faults).toEqual([]);
  };
  started.push({ close: leave });
  return { ...chain, leave };
}

const processed = { commitment: "processed" } as const;
const balanceOf = async (chain: TestNetwork, address: Awaited<ReturnType<typeof freshAddress>>) =>
  (await chain.rpc.getBalance(address, processed).send()).value;

/** Lets the open slot become confirmed, and sees it. */
async function passSlot(chain: TestNetwork): Promise<void> {
  chain.passSlots(1);
  await chain.rpc.getSlot(processed).send();
}

test("what was confirmed is there after a restart, with its status, logs and place; what was not is not", async () => {
  const folder = await newFolder();
  const first = await start(folder);
  const payer = await first.fundedWallet(10n);
  const [kept, lost] = [await freshAddress(), await freshAddress()];
  const transfer = async (destination: typeof kept) =>
    await first.sign(payer, [
      getTransferSolInstruction({ source: payer, destination, amount: 1_000_000_000n }),
    ]);
  const send = async (signed: Awaited<ReturnType<typeof transfer>>) =>
    await first.rpc.sendTransaction(getBase64EncodedWireTransaction(signed), { encoding: "base64" }).send();
  const signed = await transfer(kept);
  const signature = await send(signed);
  await first.call("ionet_requestTokens", [kept, TEST_MINTS.USDC.address, "1500000"]);
  await passSlot(first);
  const read = async (chain: TestNetwork) =>
    await chain.rpc
      .getTransaction(signature, {
        commitment: "confirmed",
        encoding: "jsonParsed",
        maxSupportedTransactionVersion: 0,
      })
      .send();
  const before = await read(first);
  const slot = await first.rpc.getSlot(processed).send();
  const height = await first.rpc.getBlockHeight(processed).send();
  const count = await first.rpc.getTransactionCount(processed).send();
  await send(await transfer(lost));
  await first.leave();

  const second = await start(folder);
  expect(second.network.genesisHash).toBe(first.network.genesisHash);
  expect(second.network.faucet.signer.address).toBe(first.network.faucet.signer.address);
  expect(before).not.toBeNull();
  expect(await read(second)).toEqual(before);
  expect(await balanceOf(second, kept)).toBe(1_000_000_000n);
  expect(await balanceOf(second, lost)).toBe(0n);
  const [ata] = await findAssociatedTokenPda({
    owner: kept,
    mint: TEST_MINTS.USDC.address,
    tokenProgram: TOKEN_PROGRAM,
  });
  expect((await second.rpc.getTokenAccountBalance(ata).send()).value.amount).toBe("1500000");
  expect((await second.rpc.getTokenSupply(TEST_MINTS.USDC.address).send()).value.amount).toBe("1500000");
  expect((await second.rpc.getSignatureStatuses([signature]).send()).value[0]).toMatchObject({
    err: null,
    confirmationStatus: "finalized",
  });
  expect(await second.rpc.getTransactionCount(processed).send()).toBe(count);
  expect(await second.rpc.getSlot(processed).send()).toBeGreaterThan(slot);
  expect(await second.rpc.getBlockHeight(processed).send()).toBeGreaterThan(height);
  expect(
    await second.call("sendTransaction", [getBase64EncodedWireTransaction(signed), { encoding: "base64" }]),
  ).toMatchObject({ error: { code: -32002, data: { err: "AlreadyProcessed" } } });
  const found = await second.rpc.getSignaturesForAddress(kept).send();
  expect(found.map((one) => one.signature)).toContain(signature);
});

test("a blockhash from before the restart is good after it, and the network goes on to take transactions", async () => {
  const folder = await newFolder();
  const first = await start(folder);
  const payer = await first.fundedWallet(10n);
  const to = await freshAddress();
  await passSlot(first);
  const signed = await first.sign(payer, [
    getTransferSolInstruction({ source: payer, destination: to, amount: 2_000_000_000n }),
  ]);
  await first.leave();
  const second = await start(folder);
  await second.rpc.sendTransaction(getBase64EncodedWireTransaction(signed), { encoding: "base64" }).send();
  await passSlot(second);
  await second.leave();
  const third = await start(folder);
  expect(await balanceOf(third, to)).toBe(2_000_000_000n);
});

test("an orderly end keeps the open slot too", async () => {
  const folder = await newFolder();
  const first = await start(folder);
  const wallet = await first.fundedWallet(3n);
  first.network.save();
  await first.leave();
  const second = await start(folder);
  expect(await balanceOf(second, wallet.address)).toBe(3_000_000_000n);
});

test("an account that was emptied stays gone", async () => {
  const folder = await newFolder();
  const first = await start(folder);
  const payer = await first.fundedWallet(10n);
  const emptied = await first.fundedWallet(1n);
  await passSlot(first);
  const signed = await first.sign(payer, [
    getTransferSolInstruction({ source: emptied, destination: payer.address, amount: 1_000_000_000n }),
  ]);
  await first.rpc.sendTransaction(getBase64EncodedWireTransaction(signed), { encoding: "base64" }).send();
  await passSlot(first);
  await first.leave();
  const second = await start(folder);
  expect(await balanceOf(second, emptied.address)).toBe(0n);
  expect(await balanceOf(second, payer.address)).toBe(11_000_000_000n - 10_000n);
});

test("time that was moved ahead stays ahead, and no slot comes again where the machine's clock went back", async () => {
  const folder = await newFolder();
  const first = await start(folder);
  await first.call("ionet_advanceClock", [14 * 24 * 3600]);
  const slot = await first.rpc.getSlot(processed).send();
  await first.leave();
  const second = await start(folder);
  const after = await second.rpc.getSlot(processed).send();
  expect(after - slot).toBe(1n);
  await second.leave();
  const third = await start(folder, {}, { now: () => STILL.now() - 3_600_000 });
  expect((await third.rpc.getSlot(processed).send()) - after).toBe(1n);
  third.passSlots(3);
  expect((await third.rpc.getSlot(processed).send()) - after).toBe(4n);
});

test("a program given at the first start needs no giving again", async () => {
  const folder = await newFolder();
  const program = await freshAddress();
  const first = await start(folder, {
    programs: [{ address: program, elf: await tokenProgramElf(), upgradeAuthority: null }],
  });
  await first.leave();
  const second = await start(folder);
  const payer = await second.fundedWallet(1n);
  const signed = await second.sign(payer, [{ programAddress: program, data: new Uint8Array([255]) }]);
  const { value } = await second.rpc
    .simulateTransaction(getBase64EncodedWireTransaction(signed), { encoding: "base64", ...processed })
    .send();
  expect(value.logs?.[0]).toBe(`Program ${program} invoke [1]`);
});

test("history beyond what is remembered is forgotten on disk too, and balances stay", async () => {
  const folder = await newFolder();
  const first = await start(folder, { historyTransactions: 3 });
  const wallet = await freshAddress();
  for (let i = 0; i < 6; i++) {
    await first.rpc.requestAirdrop(wallet, lamports(1_000_000n)).send();
    await passSlot(first);
  }
  await first.leave();
  const ledger = openLedger(folder);
  expect([...ledger.records()].length).toBe(3);
  ledger.close();
  const second = await start(folder);
  expect(await balanceOf(second, wallet)).toBe(6_000_000n);
  expect(await second.rpc.getTransactionCount(processed).send()).toBe(6n);
});

test("a folder in use, and one whose ledger cannot be read, are told apart and named", async () => {
  const folder = await newFolder();
  await start(folder);
  expect(() => openLedger(folder)).toThrow(LedgerProblem);
  expect(() => openLedger(folder)).toThrow(expect.objectContaining({ code: "ledger_taken" }));
  const other = await newFolder();
  await writeFile(join(other, "ledger.sqlite"), "something else entirely, and long enough to be looked at");
  expect(() => openLedger(other)).toThrow(
    expect.objectContaining({ code: "ledger_unreadable", message: expect.stringContaining(other) }),
  );
});
