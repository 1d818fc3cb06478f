import {
  createSolanaRpcFromTransport,
  createSolanaRpcSubscriptions,
  type Rpc,
  type RpcSubscriptions,
  type SolanaRpcApi,
  type SolanaRpcSubscriptionsApi,
} from "@solana/kit";
import { asChainError } from "./errors.ts";
import { type FailOver, failOver } from "./fail-over.ts";

export type { FailOver } from "./fail-over.ts";

/** An endpoint that has not answered by then does not. */
const CALL_TIMEOUT_MS = 15_000;

/** A Solana network as seen through an RPC endpoint, and others where that one is down. */
export type Chain = {
  rpc: Rpc<SolanaRpcApi>;
  rpcSubscriptions: RpcSubscriptions<SolanaRpcSubscriptionsApi>;
  url: string;
  wsUrl: string;
};

/**
 * Names endpoints; nothing is sent until something is asked. `fallbackUrls` are asked in their order when one before
 * can't be reached, does not answer in time (`timeoutMs`, 15,000), is overloaded or behind.
 */
export function connectChain(terms: {
  url: string;
  wsUrl: string;
  fallbackUrls?: readonly string[];
  timeoutMs?: number;
  onFailOver?: (change: FailOver) => void;
}): Chain {
  const { url, wsUrl, fallbackUrls = [], timeoutMs = CALL_TIMEOUT_MS, onFailOver } = terms;
  const rules = onFailOver === undefined ? { timeoutMs } : { timeoutMs, onFailOver };
  const rpc = createSolanaRpcFromTransport(failOver([url, ...fallbackUrls], rules));
  return { rpc, rpcSubscriptions: createSolanaRpcSubscriptions(wsUrl), url, wsUrl };
}

/**
 * The genesis hash, which tells Solana networks apart.
 * Throws a ChainError "rpc-unreachable" when the endpoint does not answer.
 */
export async function genesisHash(chain: Chain): Promise<string> {
  return await chain.rpc
    .getGenesisHash()
    .send()
    .catch((cause: unknown) => {
      throw asChainError(chain, cause);
    });
}
