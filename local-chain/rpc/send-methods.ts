import type { LocalNetwork } from "../network.ts";
import { isSignedByAll } from "../signatures.ts";
import { sentenceOf } from "../transaction-error.ts";
import type { WireTransaction } from "../wire-transaction.ts";
import { type MethodTable, readView, withContext } from "./context.ts";
import { RPC_CODE, RpcError } from "./errors.ts";
import { readConfig, readFlag, readOptionalCount } from "./parameters.ts";
import { encodeOutcome, tryOut } from "./simulate-method.ts";
import { readMessage, readTransaction } from "./transaction-input.ts";

/** Methods that run transactions for good, and say what that costs. */
export const sendMethods: MethodTable = {
  /** Runs at once, on the newest state; preflight looks at that same state, whatever its commitment. */
  sendTransaction(network, [transaction, config]) {
    const options = readConfig(config);
    const wire = readTransaction(transaction, options);
    const skipPreflight = readFlag(options.skipPreflight, "skipPreflight");
    readOptionalCount(options.maxRetries, "maxRetries");
    readView(network, {
      minContextSlot: options.minContextSlot,
      commitment: skipPreflight ? "processed" : options.preflightCommitment,
    });
    if (!skipPreflight) preflight(network, wire);
    // Without preflight a node takes anything and drops what cannot run; the sender learns it by its absence.
    if (isSignedByAll(wire) && network.barrier(wire) === null) network.submit(wire);
    return wire.signature;
  },

  getFeeForMessage(network, [message, config]) {
    const asked = readMessage(message);
    return withContext(readView(network, readConfig(config)).slot, network.fee(asked));
  },
};

/** @throws RpcError −32002 with the simulation's error, logs and units */
function preflight(network: LocalNetwork, wire: WireTransaction): void {
  const trial = tryOut(network, wire, { verifies: true, anyBlockhash: false });
  if (trial.error === null) return;
  throw new RpcError(RPC_CODE.preflightFailure, `Transaction simulation failed: ${sentenceOf(trial.error)}`, {
    ...encodeOutcome(trial),
    ...NOTHING_MORE,
  });
}

/** What a node leaves open where preflight refuses. */
const NOTHING_MORE = {
  accounts: null,
  innerInstructions: null,
  loadedAddresses: null,
  postBalances: null,
  postTokenBalances: null,
  preBalances: null,
  preTokenBalances: null,
  replacementBlockhash: null,
};
