import {
  type Chain,
  ChainError,
  chainTag,
  connectChain,
  genesisHash,
  type NetworkState,
  readNetwork,
} from "@ionet/chain";
import { type Config, StartProblem } from "./config.ts";
import type { Log } from "./platform/context.ts";

/** Genesis hashes of Solana's public networks (docs.anza.xyz, "Solana Clusters"). */
const publicGenesis: Readonly<Record<string, string>> = {
  "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d": "mainnet",
  EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG: "devnet",
  "4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY": "testnet",
};

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

/** The chain as it was found at the start. */
export type ReadyChain = { genesisHash: string; network: NetworkState };

/**
 * Waits, with growing pauses, until the RPC endpoint answers and the Network account is there.
 * Throws a StartProblem "wrong-network" when the chain is not the one that was named, and what `signal` says.
 */
export async function waitForChain(
  chain: Chain,
  named: Config["network"],
  parts: { log: Log; pause: (ms: number) => Promise<void>; signal: AbortSignal },
): Promise<ReadyChain> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    parts.signal.throwIfAborted();
    const missing = await look(chain, named);
    if (typeof missing !== "string") return missing;
    parts.log.warn({ rpcUrl: new URL(chain.url).origin, retryInMs: pauseMs }, missing);
    await parts.pause(pauseMs);
  }
}

/**
 * Looks whether each further endpoint is of the same network: one of another network would answer, and wrongly. One that
 * does not answer now may do so later. Throws a StartProblem "wrong-network".
 */
export async function checkFallbacks(
  { rpcFallbackUrls, wsUrl }: Pick<Config, "rpcFallbackUrls" | "wsUrl">,
  expected: string,
  log: Log,
): Promise<void> {
  for (const [position, url] of rpcFallbackUrls.entries()) {
    const endpoint = new URL(url).origin;
    const genesis = await genesisHash(connectChain({ url, wsUrl })).catch((error: unknown) => {
      if (!(error instanceof ChainError)) throw error;
      log.warn({ endpoint, err: error }, "a further Solana endpoint does not answer now");
      return expected;
    });
    if (genesis === expected) continue;
    throw new StartProblem(
      "wrong-network",
      `IONET_RPC_FALLBACK_URLS: number ${position + 1} (${endpoint}) is another Solana network than IONET_RPC_URL. Correct one of them.`,
    );
  }
}

async function look(chain: Chain, named: Config["network"]): Promise<ReadyChain | string> {
  try {
    const genesis = await genesisHash(chain);
    const found = publicGenesis[genesis] ?? "local";
    if (found !== named) {
      throw new StartProblem(
        "wrong-network",
        `IONET_NETWORK says ${named}, but ${new URL(chain.url).origin} (IONET_RPC_URL) is ${found === "local" ? "no public network" : found}. Correct one of them.`,
      );
    }
    const network = await readNetwork(chain, "confirmed");
    if (network === null) return "waiting: the escrow program's Network account is not there yet";
    if (!Buffer.from(network.chainTag).equals(chainTag(genesis))) {
      throw new StartProblem(
        "wrong-network",
        "the Network account carries the genesis hash of another chain",
      );
    }
    return { genesisHash: genesis, network };
  } catch (error) {
    if (error instanceof ChainError && (error.code === "rpc-unreachable" || error.code === "rpc-refused")) {
      return `waiting: ${error.message}`;
    }
    throw error;
  }
}
