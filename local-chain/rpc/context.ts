import type { LocalNetwork } from "../network.ts";
import type { Commitment } from "../slots.ts";
import { RPC_CODE, RpcError } from "./errors.ts";
import { type Config, type Parameters, readCommitment, readOptionalCount } from "./parameters.ts";

/** A JSON-RPC method: the network and the call's parameters in, the result out. */
export type Method = (network: LocalNetwork, parameters: Parameters) => unknown;
export type MethodTable = Readonly<Record<string, Method>>;

/** The version whose answers these methods follow. */
export const API_VERSION = "3.0.0";

/** A value with the slot that it is true for. */
export function withContext<Value>(slot: bigint, value: Value) {
  return { context: { apiVersion: API_VERSION, slot }, value };
}

/**
 * The commitment that a call asks for, `minContextSlot` respected.
 *
 * @throws RpcError −32016 where that commitment has not reached `minContextSlot`
 */
export function readView(network: LocalNetwork, config: Config): { commitment: Commitment; slot: bigint } {
  const commitment = readCommitment(config.commitment);
  const slot = network.slots.at(commitment);
  const least = readOptionalCount(config.minContextSlot, "minContextSlot");
  if (least !== undefined && BigInt(least) > slot)
    throw new RpcError(RPC_CODE.minContextSlot, "Minimum context slot has not been reached", {
      contextSlot: slot,
    });
  return { commitment, slot };
}
