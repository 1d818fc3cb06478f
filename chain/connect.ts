import {
  createSolanaRpcFromTransport,
  createSolanaRpcSubscriptions,
  type Rpc,
  type RpcSubscriptions,
  type SolanaRpcApi,
  type SolanaRpcSubscriptionsApi,
} from "@solana/kit";
import { asChainError } from "./errors.ts";
import { failOver } from "./fail-over.ts";

/** A Solana network as seen through an RPC endpoint, and others where that one is down. */
export type Chain = {
  rpc: Rpc<SolanaRpcApi>;
  rpcSubscriptions: RpcSubscriptions<SolanaRpcSubscriptionsApi>;
  url: string;
  wsUrl: string;
};

/**
 * Names endpoints; nothing is sent until something is asked. `fallbackUrls` are asked in their order when one before
 * can't be reached or is overloaded.
 */
export function connectChain(terms: { url: string; wsUrl: string; fallbackUrls?: readonly string[] }): Chain {
  const { url, wsUrl, fallbackUrls = [] } = terms;
  const rpc = createSolanaRpcFromTransport(failOver([url, ...fallbackUrls]));
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
