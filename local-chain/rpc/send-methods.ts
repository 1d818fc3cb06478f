import type { Address } from "@solana/kit";
import type { AccountState } from "../account-versions.ts";
import type { Outcome } from "../execution.ts";
import { feeLamports } from "../fees.ts";
import type { LocalNetwork } from "../network.ts";
import { isSignedByAll } from "../signatures.ts";
import { BLOCKHASH_BLOCKS } from "../slots.ts";
import { sentenceOf, type TransactionError } from "../transaction-error.ts";
import type { WireTransaction } from "../wire-transaction.ts";
import { type MethodTable, readView, withContext } from "./context.ts";
import { encodeAccount } from "./encode-account.ts";
import { encodeInner, encodeReturnData } from "./encode-transaction.ts";
import { invalidParam, RPC_CODE, RpcError } from "./errors.ts";
import { type Config, isObject, readAddress, readConfig, readFlag, readList } from "./parameters.ts";
import { readMessage, readReturnedAccountEncoding, readTransaction } from "./transaction-input.ts";

/** Methods that run transactions, for good or for a look. */
export const sendMethods: MethodTable = {
  /** Runs at once, on the newest state; preflight looks at that same state, whatever its commitment. */
  sendTransaction(network, [transaction, config]) {
    const options = readConfig(config);
    const wire = readTransaction(transaction, options);
    const skipPreflight = readFlag(options.skipPreflight, "skipPreflight");
    readView(network, { minContextSlot: options.minContextSlot, commitment: options.preflightCommitment });
    const signed = isSignedByAll(wire);
    if (!skipPreflight) {
      if (!signed) throw badSignature();
      preflight(network, wire);
    }
    // Without preflight a node takes anything and drops what cannot run; the sender learns it by its absence.
    if (signed && network.barrier(wire) === null) network.submit(wire);
    return wire.signature;
  },

  simulateTransaction(network, [transaction, config]) {
    const options = readConfig(config);
    const wire = readTransaction(transaction, options);
    const replaces = readFlag(options.replaceRecentBlockhash, "replaceRecentBlockhash");
    const verifies = readFlag(options.sigVerify, "sigVerify");
    const wanted = readWantedAccounts(options);
    const { slot } = readView(network, options);
    if (verifies && replaces)
      throw invalidParam(
        "sigVerify",
        true,
        "not together with replaceRecentBlockhash, which changes what was signed",
      );
    if (verifies && !isSignedByAll(wire)) throw badSignature();
    const barrier = replaces ? null : network.barrier(wire);
    const outcome = barrier === null ? network.simulate(wire) : refusal(barrier);
    const read = (address: Address): AccountState =>
      outcome.after.get(address) ?? network.account(address, "processed");
    const accounts = wanted?.addresses.map((address) => {
      const account = read(address);
      return account && encodeAccount(account, { encoding: wanted.encoding, slice: undefined }, read);
    });
    const replacementBlockhash = replaces
      ? {
          blockhash: network.slots.blockhash(slot),
          lastValidBlockHeight: network.slots.height(slot) + BLOCKHASH_BLOCKS,
        }
      : null;
    return withContext(network.slots.current(), {
      ...encodeOutcome(outcome),
      accounts: (outcome.error === null ? accounts : undefined) ?? null,
      fee: feeLamports(wire),
      innerInstructions: readFlag(options.innerInstructions, "innerInstructions")
        ? encodeInner(outcome.innerInstructions)
        : null,
      replacementBlockhash,
    });
  },

  getFeeForMessage(network, [message, config]) {
    const asked = readMessage(message);
    const { slot } = readView(network, readConfig(config));
    const known = network.slots.slotOfLiveBlockhash(asked.recentBlockhash) !== undefined;
    return withContext(slot, known ? feeLamports(asked) : null);
  },
};

function badSignature(): RpcError {
  return new RpcError(RPC_CODE.signatureVerification, "Transaction signature verification failure");
}

/** @throws RpcError −32002 with the simulation's error, logs and units */
function preflight(network: LocalNetwork, wire: WireTransaction): void {
  const barrier = network.barrier(wire);
  const outcome = barrier === null ? network.simulate(wire) : refusal(barrier);
  if (outcome.error === null) return;
  throw new RpcError(
    RPC_CODE.preflightFailure,
    `Transaction simulation failed: ${sentenceOf(outcome.error)}`,
    { ...encodeOutcome(outcome), accounts: null, innerInstructions: null, replacementBlockhash: null },
  );
}

function refusal(error: TransactionError): Outcome & { after: ReadonlyMap<Address, AccountState> } {
  return { error, logs: [], unitsConsumed: 0n, innerInstructions: [], returnData: null, after: new Map() };
}

function encodeOutcome(outcome: Outcome) {
  return {
    err: outcome.error,
    logs: outcome.logs,
    returnData: encodeReturnData(outcome),
    unitsConsumed: outcome.unitsConsumed,
  };
}

function readWantedAccounts(options: Config) {
  const accounts = options.accounts;
  if (!isObject(accounts)) return undefined;
  const encoding = readReturnedAccountEncoding(accounts.encoding);
  const addresses = readList(accounts.addresses, "accounts.addresses", 64);
  return {
    encoding,
    addresses: addresses.map((one, i) => readAddress(one, `accounts.addresses[${i}]`)),
  };
}
