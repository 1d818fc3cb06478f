import { type Address, getAddressDecoder } from "@solana/kit";
import {
  FailedTransactionMetadata,
  type LiteSVM,
  SimulatedTransactionInfo,
  type TransactionMetadata,
} from "litesvm";
import { type AccountKeys, accountKeysOf } from "./account-keys.ts";
import type { AccountState } from "./account-versions.ts";
import { feeLamports as feeOf } from "./fees.ts";
import { loadedBytes } from "./loaded-size.ts";
import { readMint, readToken, type UiAmount, uiAmount } from "./tokens.ts";
import { type TransactionError, transactionErrorOf } from "./transaction-error.ts";
import type { WireTransaction } from "./wire-transaction.ts";

export type InnerInstructions = {
  index: number;
  instructions: { programIdIndex: number; accounts: number[]; data: Uint8Array; stackHeight: number }[];
};

/** What running a transaction said, whether or not it was kept. */
export type Outcome = {
  readonly error: TransactionError | null;
  readonly logs: readonly string[];
  readonly unitsConsumed: bigint;
  readonly innerInstructions: readonly InnerInstructions[];
  readonly returnData: { programId: Address; data: Uint8Array } | null;
};

export type TokenBalance = {
  accountIndex: number;
  mint: Address;
  owner: Address;
  programId: Address;
  uiTokenAmount: UiAmount;
};

/** The balances of a transaction's accounts before and after it. */
export type LamportBalances = {
  readonly preBalances: readonly bigint[];
  readonly postBalances: readonly bigint[];
  readonly preTokenBalances: readonly TokenBalance[];
  readonly postTokenBalances: readonly TokenBalance[];
};

/** A transaction that ran, with the balances of its accounts before and after. */
export type Execution = Outcome &
  LamportBalances & {
    readonly keys: AccountKeys;
    readonly feeLamports: bigint;
    /** False when it was refused before it ran: no fee was taken and no block holds it. */
    readonly landed: boolean;
  };

export type ReadAccount = (address: Address) => AccountState;

/**
 * Runs a transaction for good.
 *
 * @param beforeWrite - told of each account that it may write, as it was
 */
export function execute(
  svm: LiteSVM,
  wire: WireTransaction,
  read: ReadAccount,
  beforeWrite: (address: Address, before: AccountState) => void,
): Execution {
  const keys = accountKeysOf(wire, read);
  const before = keys.all.map(read);
  const result = svm.sendTransaction(wire.transaction);
  const after = keys.all.map(read);
  const outcome = outcomeOf(result);
  const preBalances = before.map(lamportsOf);
  const postBalances = after.map(lamportsOf);
  // A transaction that fails while it runs still pays its fee; one that is refused before pays nothing.
  const landed = outcome.error === null || preBalances[0] !== postBalances[0];
  if (landed) {
    for (const [index, key] of keys.all.entries()) {
      if (keys.isWritable(index)) beforeWrite(key, before[index] ?? null);
    }
  }
  return {
    ...outcome,
    keys,
    feeLamports: feeOf(wire),
    preBalances,
    postBalances,
    preTokenBalances: tokenBalances(before, read),
    postTokenBalances: tokenBalances(after, read),
    landed,
  };
}

/** What a transaction would do. */
export type Simulation = Outcome &
  LamportBalances & {
    readonly keys: AccountKeys;
    /** Undefined where it would be refused before it runs: then nobody pays. */
    readonly feeLamports: bigint | undefined;
    readonly loadedBytes: number;
    /** The accounts as they would have become; nothing where it fails. */
    readonly after: ReadonlyMap<Address, AccountState>;
  };

/** Runs a transaction and keeps nothing of it. */
export function simulate(svm: LiteSVM, wire: WireTransaction, read: ReadAccount): Simulation {
  const keys = accountKeysOf(wire, read);
  const before = keys.all.map(read);
  const result = svm.simulateTransaction(wire.transaction);
  const ran = result instanceof SimulatedTransactionInfo;
  const outcome = outcomeOf(ran ? result.meta() : result);
  const after = new Map<Address, AccountState>();
  if (ran) for (const account of result.postAccounts()) after.set(account.address, account);
  const readAfter: ReadAccount = (address) => after.get(address) ?? read(address);
  // An error in an object says where in the running it happened: such a transaction pays its fee and does nothing else.
  const feeLamports = typeof outcome.error === "string" ? undefined : feeOf(wire);
  const postBalances = keys.all.map(readAfter).map(lamportsOf);
  if (!ran && feeLamports !== undefined && postBalances[0] !== undefined) postBalances[0] -= feeLamports;
  return {
    ...outcome,
    keys,
    feeLamports,
    loadedBytes: loadedBytes(keys.all, wire.lookups.length, read),
    preBalances: before.map(lamportsOf),
    postBalances,
    preTokenBalances: tokenBalances(before, read),
    postTokenBalances: tokenBalances(keys.all.map(readAfter), readAfter),
    after,
  };
}

function outcomeOf(result: TransactionMetadata | FailedTransactionMetadata): Outcome {
  const failed = result instanceof FailedTransactionMetadata;
  const meta = failed ? result.meta() : result;
  const returned = meta.returnData();
  return {
    error: failed ? transactionErrorOf(result) : null,
    logs: meta.logs(),
    unitsConsumed: meta.computeUnitsConsumed(),
    innerInstructions: innerInstructionsOf(meta),
    returnData:
      returned.data().length === 0
        ? null
        : { programId: getAddressDecoder().decode(returned.programId()), data: returned.data() },
  };
}

function innerInstructionsOf(meta: TransactionMetadata): InnerInstructions[] {
  return meta
    .innerInstructions()
    .map((inner, index) => ({
      index,
      instructions: inner.map((one) => ({
        programIdIndex: one.instruction().programIdIndex(),
        accounts: [...one.instruction().accounts()],
        data: one.instruction().data(),
        stackHeight: one.stackHeight(),
      })),
    }))
    .filter((group) => group.instructions.length > 0);
}

function lamportsOf(account: AccountState): bigint {
  return account?.lamports ?? 0n;
}

function tokenBalances(accounts: readonly AccountState[], read: ReadAccount): TokenBalance[] {
  return accounts.flatMap((account, accountIndex) => {
    const token = readToken(account);
    if (account === null || token === undefined) return [];
    const decimals = readMint(read(token.mint))?.decimals ?? 0;
    return {
      accountIndex,
      mint: token.mint,
      owner: token.owner,
      programId: account.programAddress,
      uiTokenAmount: uiAmount(token.amount, decimals),
    };
  });
}
