import {
  createSolanaRpc,
  createSolanaRpcSubscriptions,
  type Rpc,
  type RpcSubscriptions,
  type SolanaRpcApi,
  type SolanaRpcSubscriptionsApi,
} from "@solana/kit";
import { asChainError } from "./errors.ts";

/** A Solana network as seen through one RPC endpoint. */
export type Chain = {
  rpc: Rpc<SolanaRpcApi>;
  rpcSubscriptions: RpcSubscriptions<SolanaRpcSubscriptionsApi>;
  url: string;
  wsUrl: string;
};

/** Names an endpoint; nothing is sent until something is asked. */
export function connectChain({ url, wsUrl }: { url: string; wsUrl: string }): Chain {
  return { rpc: createSolanaRpc(url), rpcSubscriptions: createSolanaRpcSubscriptions(wsUrl), url, wsUrl };
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
