import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  type Chain,
  connectChain,
  createTokenAccountInstruction,
  ESCROW_PROGRAM,
  genesisHash,
  initializeNetworkInstruction,
  NATIVE_SOL,
  send,
  tokenBalance,
} from "@ionet/chain";
import { type Address, address, generateKeyPairSigner, type KeyPairSigner, lamports } from "@solana/kit";
import { z } from "zod";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const readySchema = z.object({ rpcUrl: z.url(), wsUrl: z.url(), mints: z.object({ USDC: z.string() }) });
const answerSchema = z.object({ error: z.unknown().optional() });

/** A real local network in a process of its own with the escrow program initialised: what settlement runs against. */
export type TestChain = {
  chain: Chain;
  usdc: Address;
  engineer: KeyPairSigner;
  meter: KeyPairSigner;
  payer: KeyPairSigner;
  treasury: Address;
  /** Gives a wallet lamports, and waits until they are final. */
  giveLamports(wallet: Address, amount: bigint): Promise<void>;
  /** One of the local network's own methods. */
  call(method: string, params: readonly unknown[]): Promise<void>;
  /** Moves the chain's own time ahead. */
  advance(seconds: number): Promise<void>;
  /** Base units of USDC; 0 when the wallet has no token account. */
  balance(wallet: Address): Promise<bigint>;
  stop(): Promise<void>;
};

export async function startTestChain(): Promise<TestChain> {
  const authority = await generateKeyPairSigner();
  const program = `${ESCROW_PROGRAM}=${root}programs/escrow/escrow.so`;
  const child = spawn(
    process.execPath,
    [
      ...[`${root}local-chain/main.ts`, "--port", "0", "--exit-with-parent", "--movable-clock"],
      ...["--upgrade-authority", authority.address, "--program", program],
    ],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const { rpcUrl, wsUrl, mints } = readySchema.parse(JSON.parse(String(line)));
  const chain = connectChain({ url: rpcUrl, wsUrl });
  const usdc = address(mints.USDC);

  async function call(method: string, params: readonly unknown[]): Promise<void> {
    const response = await fetch(rpcUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const { error } = answerSchema.parse(await response.json());
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
  }

  async function giveLamports(wallet: Address, amount: bigint): Promise<void> {
    await chain.rpc.requestAirdrop(wallet, lamports(amount)).send();
    const has = async () =>
      (await chain.rpc.getBalance(wallet, { commitment: "finalized" }).send()).value > 0n;
    while (!(await has())) await sleep(50);
  }

  const [engineer, meter, payer, { address: treasury }] = await Promise.all([
    generateKeyPairSigner(),
    generateKeyPairSigner(),
    generateKeyPairSigner(),
    generateKeyPairSigner(),
  ]);
  for (const wallet of [authority, engineer, payer]) {
    await chain.rpc.requestAirdrop(wallet.address, lamports(10n ** 10n)).send();
  }
  await call("ionet_requestTokens", [engineer.address, usdc, "100000000"]);
  const initialise = await initializeNetworkInstruction({
    payer: authority,
    upgradeAuthority: authority,
    authority: authority.address,
    guardian: authority.address,
    treasury,
    genesisHash: await genesisHash(chain),
    meters: [meter.address],
    mints: [
      { mint: usdc, feeBps: 200 },
      { mint: NATIVE_SOL, feeBps: 200 },
    ],
  });
  const treasuryAccount = await createTokenAccountInstruction({
    payer: authority,
    wallet: treasury,
    mint: usdc,
  });
  await send(chain, {
    payer: authority,
    instructions: [initialise, treasuryAccount],
    commitment: "finalized",
  });
  return {
    ...{ chain, usdc, engineer, meter, payer, treasury, call, giveLamports },
    advance: (seconds) => call("ionet_advanceClock", [seconds]),
    balance: async (wallet) => (await tokenBalance(chain, wallet, usdc, "finalized")) ?? 0n,
    stop: async () => {
      child.kill();
      await once(child, "exit");
    },
  };
}
