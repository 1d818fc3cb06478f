import { z } from "zod";

const answerSchema = z.object({ error: z.object({ message: z.string() }).optional() });
const LAMPORTS_PER_SOL = 1_000_000_000;

/** Asks the local network for test SOL. No other network has this much to give away. */
export const requestSol = (rpcUrl: string, wallet: string, sol: number): Promise<void> =>
  ask(rpcUrl, "requestAirdrop", [wallet, sol * LAMPORTS_PER_SOL]);

/** Asks the local network for test tokens; makes the wallet's token account when it is missing. */
export const requestTokens = (rpcUrl: string, wallet: string, mint: string, amount: bigint): Promise<void> =>
  ask(rpcUrl, "ionet_requestTokens", [wallet, mint, amount.toString()]);

/** Writes an account as it is: what programs of the real networks keep, and this one lacks. */
export const setAccount = (rpcUrl: string, at: string, owner: string, data: Uint8Array): Promise<void> =>
  ask(rpcUrl, "ionet_setAccount", [at, { owner, data: Buffer.from(data).toString("base64") }]);

async function ask(rpcUrl: string, method: string, params: readonly unknown[]): Promise<void> {
  const answer = await fetch(rpcUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const { error } = answerSchema.parse(await answer.json());
  if (error) throw new Error(`${method} for ${params[0]}: ${error.message}`);
}
