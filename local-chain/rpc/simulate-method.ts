import type { Address } from "@solana/kit";
import { accountKeysOf } from "../account-keys.ts";
import type { Outcome, Simulation } from "../execution.ts";
import type { LocalNetwork } from "../network.ts";
import { isSignedByAll } from "../signatures.ts";
import { BLOCKHASH_BLOCKS } from "../slots.ts";
import type { TransactionError } from "../transaction-error.ts";
import type { WireTransaction } from "../wire-transaction.ts";
import { type MethodTable, readView, withContext } from "./context.ts";
import { encodeAccount } from "./encode-account.ts";
import { encodeParsedInner } from "./encode-parsed.ts";
import { encodeReturnData } from "./encode-transaction.ts";
import { RPC_CODE, RpcError } from "./errors.ts";
import { isObject, type RequestConfig, readAddress, readConfig, readFlag, readList } from "./parameters.ts";
import { readReturnedAccountEncoding, readTransaction } from "./transaction-input.ts";

/** What a transaction would do, on the newest state, whatever the commitment. */
export const simulateMethod: MethodTable = {
  simulateTransaction(network, [transaction, config]) {
    const options = readConfig(config);
    const wire = readTransaction(transaction, options);
    const replaces = readFlag(options.replaceRecentBlockhash, "replaceRecentBlockhash");
    const verifies = readFlag(options.sigVerify, "sigVerify");
    const wanted = readWantedAccounts(options);
    const { slot } = readView(network, options);
    if (verifies && replaces) throw bothAsked();
    const outcome = tryOut(network, wire, { verifies, anyBlockhash: replaces });
    const keys = outcome.run?.keys ?? accountKeysOf(wire, (key) => network.account(key, "processed"));
    if (wanted !== undefined && wanted.addresses.length > keys.all.length)
      throw tooManyAccounts(keys.all.length);
    return withContext(network.slots.current(), {
      ...encodeOutcome(outcome),
      ...encodeBalances(outcome.run),
      accounts: wanted === undefined ? null : encodeAccounts(network, wanted, outcome),
      innerInstructions: readFlag(options.innerInstructions, "innerInstructions")
        ? encodeParsedInner(outcome.innerInstructions, keys)
        : null,
      loadedAddresses: keys.loaded,
      replacementBlockhash: replaces
        ? {
            blockhash: network.slots.blockhash(slot),
            lastValidBlockHeight: network.slots.height(slot) + BLOCKHASH_BLOCKS,
          }
        : null,
    });
  },
};

/** What came of trying a transaction; without `run` it was refused before. */
export type Trial = Outcome & { readonly run: Simulation | undefined };

/** Tries a transaction as a node does before it sends one on. */
export function tryOut(
  network: LocalNetwork,
  wire: WireTransaction,
  { verifies, anyBlockhash }: { verifies: boolean; anyBlockhash: boolean },
): Trial {
  if (verifies && !isSignedByAll(wire)) return refusal("SignatureFailure");
  const barrier = anyBlockhash ? null : network.barrier(wire);
  if (barrier !== null) return refusal(barrier);
  const run = network.simulate(wire);
  return { ...run, run };
}

/** What a node says of a trial, also where preflight refuses. */
export function encodeOutcome(trial: Trial) {
  return {
    err: trial.error,
    fee: trial.run?.feeLamports ?? null,
    loadedAccountsDataSize: trial.run?.loadedBytes ?? 0,
    logs: trial.logs,
    returnData: encodeReturnData(trial),
    unitsConsumed: trial.unitsConsumed,
  };
}

function encodeBalances(run: Simulation | undefined) {
  return {
    postBalances: run?.postBalances ?? null,
    postTokenBalances: run?.postTokenBalances ?? null,
    preBalances: run?.preBalances ?? null,
    preTokenBalances: run?.preTokenBalances ?? null,
  };
}

function refusal(error: TransactionError): Trial {
  return { error, logs: [], unitsConsumed: 0n, innerInstructions: [], returnData: null, run: undefined };
}

type WantedAccounts = {
  readonly encoding: ReturnType<typeof readReturnedAccountEncoding>;
  readonly addresses: readonly Address[];
};

/** The accounts asked for as they would be afterwards; nothing of them where the transaction fails. */
function encodeAccounts(network: LocalNetwork, { encoding, addresses }: WantedAccounts, trial: Trial) {
  if (trial.error !== null) return addresses.map(() => null);
  const read = (address: Address) => trial.run?.after.get(address) ?? network.account(address, "processed");
  return addresses.map((address) => {
    const account = read(address);
    return account && encodeAccount(account, { encoding, slice: undefined }, read);
  });
}

function readWantedAccounts({ accounts }: RequestConfig): WantedAccounts | undefined {
  if (!isObject(accounts)) return undefined;
  const addresses = readList(accounts.addresses, "accounts.addresses", MOST_ADDRESSES);
  return {
    encoding: readReturnedAccountEncoding(accounts.encoding),
    addresses: addresses.map((one, i) => readAddress(one, `accounts.addresses[${i}]`)),
  };
}

/** More accounts no transaction can name. */
const MOST_ADDRESSES = 256;

function tooManyAccounts(most: number): RpcError {
  return new RpcError(RPC_CODE.invalidParams, `Too many accounts provided; max ${most}`, {
    field: "accounts.addresses",
    allowed: `at most as many as the transaction has accounts: ${most}`,
  });
}

function bothAsked(): RpcError {
  return new RpcError(RPC_CODE.invalidParams, "sigVerify may not be used with replaceRecentBlockhash", {
    field: "sigVerify",
    given: true,
    allowed: "not together with replaceRecentBlockhash, which changes what was signed",
  });
}
