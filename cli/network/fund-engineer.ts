import { join } from "node:path";
import { connectChain, tokenBalance } from "@ionet/chain";
import { pause } from "@ionet/sdk";
import { address } from "@solana/kit";
import { writeConfig } from "../settings.ts";
import type { NetworkDescription } from "./description.ts";
import { requestSol, requestTokens } from "./faucet.ts";
import { keyFile, openKey } from "./keys.ts";

/** Test USDC for trying things out: 1,000. */
const TEST_USDC = 1_000_000_000n;

export type LocalEngineer = {
  wallet: string;
  /** The wallet's keypair file. */
  keypair: string;
  /** A configuration file for the CLI (IONET_CONFIG). */
  config: string;
};

/** An engineer of the local network: a wallet with SOL and test USDC, and a CLI configuration that uses it. */
export async function fundEngineer(network: NetworkDescription, name = "engineer"): Promise<LocalEngineer> {
  const signer = await openKey(network.stateFolder, name);
  await requestSol(network.rpcUrl, signer.address, 10);
  await requestTokens(network.rpcUrl, signer.address, network.usdcMint, TEST_USDC);
  // A booking looks at what is final.
  const chain = connectChain({ url: network.rpcUrl, wsUrl: network.wsUrl });
  while (!(await tokenBalance(chain, signer.address, address(network.usdcMint), "finalized")))
    await pause(50);
  const keypair = keyFile(network.stateFolder, name);
  const config = join(network.stateFolder, name, "config.json");
  await writeConfig(config, { url: network.url, keypair });
  return { wallet: signer.address, keypair, config };
}
