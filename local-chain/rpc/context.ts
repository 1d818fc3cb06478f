import type { LocalNetwork } from "../network.ts";
import type { Commitment } from "../slots.ts";
import { RPC_CODE, RpcError } from "./errors.ts";
import {
  type Parameters,
  type RequestConfig,
  readCommitment,
  readOptionalCount,
  readSettledCommitment,
} from "./parameters.ts";

/** A JSON-RPC method: the network and the call's parameters in, the result out. */
export type RpcMethod = (network: LocalNetwork, parameters: Parameters) => unknown;
export type MethodTable = Readonly<Record<string, RpcMethod>>;

/** The version of Agave whose answers these methods follow. */
export const API_VERSION = "4.1.0";
export const VERSION = { "solana-core": API_VERSION, "feature-set": 0 };

/** A value with the slot that it is true for. */
export function withContext<Value>(slot: bigint, value: Value) {
  return { context: { apiVersion: API_VERSION, slot }, value };
}

/** How settled a call wants what it reads to be, and the newest slot that is. */
export type View = { readonly commitment: Commitment; readonly slot: bigint };

/**
 * The commitment that a call asks for, `minContextSlot` respected.
 *
 * @throws RpcError −32016 where that commitment has not reached `minContextSlot`
 */
export function readView(network: LocalNetwork, config: RequestConfig): View {
  return viewOf(network, readCommitment(config.commitment), config);
}

/** The same for what only settled blocks can answer. */
export function readSettledView(network: LocalNetwork, config: RequestConfig): View {
  return viewOf(network, readSettledCommitment(config.commitment), config);
}

function viewOf(network: LocalNetwork, commitment: Commitment, config: RequestConfig): View {
  const slot = network.slots.at(commitment);
  const least = readOptionalCount(config.minContextSlot, "minContextSlot");
  if (least !== undefined && BigInt(least) > slot)
    throw new RpcError(RPC_CODE.minContextSlot, "Minimum context slot has not been reached", {
      contextSlot: slot,
    });
  return { commitment, slot };
}
