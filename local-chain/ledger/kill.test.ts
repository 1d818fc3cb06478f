import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Connection, Keypair, LAMPORTS_PER_SOL, SystemProgram, Transaction } from "@solana/web3.js";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";

const KILLS = 4;
/** Confirmed transfers after which each process is killed, while others are on their way. */
const CONFIRMED_BEFORE_KILL = [5, 1, 12, 30];

const readySchema = z.object({ rpcUrl: z.string(), genesisHash: z.string() });
const started: ChildProcess[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function startOn(folder: string) {
  const main = fileURLToPath(new URL("../main.ts", import.meta.url));
  const child = spawn(process.execPath, [main, "--port", "0", "--ledger", folder], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  let output = "";
  let errors = "";
  child.stdout.on("data", (data) => {
    output += data;
  });
  child.stderr.on("data", (data) => {
    errors += data;
  });
  const ended = once(child, "close").then(([code]) => ({ code, errors }));
  const ready = async () => {
    await expect.poll(() => output + errors, { timeout: 20_000 }).toContain("\n");
    return readySchema.parse(JSON.parse(output));
  };
  return { child, ended, ready };
}

type Sent = { signature: string; lamports: number; bytes: Buffer };

test("killed under load again and again, the network keeps all that it had said is confirmed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ionet-ledger-"));
  folders.push(folder);
  const payer = Keypair.generate();
  const to = Keypair.generate().publicKey;
  const confirmed: Sent[] = [];
  const seen = { slot: 0, genesisHash: "" };
  let sentEver = 0;

  for (let kill = 0; kill < KILLS; kill++) {
    const chain = await startOn(folder);
    const { rpcUrl, genesisHash } = await chain.ready();
    const connection = new Connection(rpcUrl, "confirmed");
    seen.genesisHash ||= genesisHash;
    expect(genesisHash).toBe(seen.genesisHash);
    expect(await connection.getSlot("processed")).toBeGreaterThan(seen.slot);
    await expectKept(connection, confirmed);
    if (kill === 0) {
      const airdrop = await connection.requestAirdrop(payer.publicKey, 1000 * LAMPORTS_PER_SOL);
      const status = async () => (await connection.getSignatureStatus(airdrop)).value?.confirmationStatus;
      await expect.poll(status, { timeout: 10_000 }).toMatch(/confirmed|finalized/);
    }

    const pending: Sent[] = [];
    const wanted = confirmed.length + (CONFIRMED_BEFORE_KILL[kill] ?? 1);
    while (confirmed.length < wanted) {
      const { blockhash } = await connection.getLatestBlockhash("processed");
      for (let i = 0; i < 5; i++) {
        const lamports = LAMPORTS_PER_SOL + ++sentEver;
        const transaction = new Transaction({ feePayer: payer.publicKey, recentBlockhash: blockhash });
        transaction.add(SystemProgram.transfer({ fromPubkey: payer.publicKey, toPubkey: to, lamports }));
        transaction.sign(payer);
        const bytes = transaction.serialize();
        pending.push({ signature: await connection.sendRawTransaction(bytes), lamports, bytes });
      }
      const { value } = await connection.getSignatureStatuses(pending.map((one) => one.signature));
      for (const [index, status] of [...value.entries()].reverse()) {
        if (status === null || status.confirmationStatus === "processed") continue;
        confirmed.push(...pending.splice(index, 1));
      }
      seen.slot = await connection.getSlot("processed");
    }
    chain.child.kill("SIGKILL");
    await chain.ended;
  }

  const chain = await startOn(folder);
  const { rpcUrl } = await chain.ready();
  const connection = new Connection(rpcUrl, "confirmed");
  await expectKept(connection, confirmed);
  // All transfers that the history holds make up the balance: none half, none twice.
  const history = await connection.getSignaturesForAddress(to, { limit: 1000 });
  const moved = await connection.getTransactions(
    history.map((one) => one.signature),
    { commitment: "confirmed", maxSupportedTransactionVersion: 0 },
  );
  const received = moved.map((one) => (one?.meta?.postBalances[1] ?? 0) - (one?.meta?.preBalances[1] ?? 0));
  expect(await connection.getBalance(to)).toBe(received.reduce((sum, one) => sum + one, 0));
  expect(new Set(history.map((one) => one.signature)).size).toBe(history.length);
  expect(history.length).toBeLessThanOrEqual(sentEver);
  const fees = 5000 * history.length;
  expect(await connection.getBalance(payer.publicKey)).toBe(
    1000 * LAMPORTS_PER_SOL - (await connection.getBalance(to)) - fees,
  );

  const second = await startOn(folder);
  expect(await second.ended).toMatchObject({
    code: 1,
    errors: expect.stringContaining("ledger_taken: ledger"),
  });
});

/** Each is there with its status and amount, and is not taken a second time. */
async function expectKept(connection: Connection, sent: readonly Sent[]): Promise<void> {
  for (const { signature, lamports, bytes } of sent) {
    const { value } = await connection.getSignatureStatus(signature, { searchTransactionHistory: true });
    expect(value).toMatchObject({ err: null, confirmationStatus: "finalized" });
    const found = await connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 });
    expect((found?.meta?.postBalances[1] ?? 0) - (found?.meta?.preBalances[1] ?? 0)).toBe(lamports);
    await expect(connection.sendRawTransaction(bytes)).rejects.toThrow("already been processed");
  }
}
