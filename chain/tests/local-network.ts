import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Address, address } from "@solana/kit";
import { z } from "zod";
import { type Chain, connectChain, ESCROW_PROGRAM } from "../index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readySchema = z.object({ rpcUrl: z.url(), wsUrl: z.url(), mints: z.object({ USDC: z.string() }) });

export type LocalNetwork = { chain: Chain; usdc: Address; stop(): Promise<void> };

/** A local network in a process of its own, with the escrow program; the demo's and the tests' Solana. */
export async function startLocalNetwork(upgradeAuthority: Address): Promise<LocalNetwork> {
  const options = ["--port", "0", "--exit-with-parent", "--upgrade-authority", upgradeAuthority];
  const program = ["--program", `${ESCROW_PROGRAM}=${root}programs/escrow/escrow.so`];
  const child = spawn(process.execPath, [`${root}local-chain/main.ts`, ...options, ...program], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const { rpcUrl, wsUrl, mints } = readySchema.parse(JSON.parse(String(line)));
  return {
    chain: connectChain({ url: rpcUrl, wsUrl }),
    usdc: address(mints.USDC),
    stop: async () => {
      child.kill();
      await once(child, "exit");
    },
  };
}

/** Calls a method that only local networks have, such as the faucet's. */
export async function callLocal(chain: Chain, method: string, params: readonly unknown[]): Promise<void> {
  const response = await fetch(chain.url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const answer = z.object({ error: z.unknown().optional() }).parse(await response.json());
  if (answer.error !== undefined) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
}
