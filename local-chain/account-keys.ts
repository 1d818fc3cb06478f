import { type Address, getAddressDecoder } from "@solana/kit";
import type { AccountState } from "./account-versions.ts";
import type { WireTransaction } from "./wire-transaction.ts";

/** Every account of a transaction in the order instructions index them: static, looked-up writable, looked-up readonly. */
export type AccountKeys = {
  readonly all: readonly Address[];
  readonly loaded: { readonly writable: readonly Address[]; readonly readonly: readonly Address[] };
  isSigner(index: number): boolean;
  isWritable(index: number): boolean;
};

/** A lookup table's addresses follow 56 bytes of meta data (solana address lookup table program, state.rs). */
const TABLE_HEADER_BYTES = 56;

/**
 * Looks up the accounts that a transaction names through lookup tables. An index that a table does not hold is left
 * out: such a transaction is refused when it runs, with the SVM's own error.
 */
export function accountKeysOf(wire: WireTransaction, read: (address: Address) => AccountState): AccountKeys {
  const pick = (table: Address, indexes: readonly number[]): Address[] => {
    const data = read(table)?.data;
    if (data === undefined) return [];
    return indexes
      .map((index) => TABLE_HEADER_BYTES + 32 * index)
      .filter((offset) => offset + 32 <= data.length)
      .map((offset) => getAddressDecoder().decode(data, offset));
  };
  const writable = wire.lookups.flatMap((use) => pick(use.lookupTableAddress, use.writableIndexes));
  const readonly = wire.lookups.flatMap((use) => pick(use.lookupTableAddress, use.readonlyIndexes));
  return accountKeys(wire, { writable, readonly });
}

/** The accounts of a transaction whose looked-up ones are known already. */
export function accountKeys(wire: WireTransaction, loaded: AccountKeys["loaded"]): AccountKeys {
  const { numSignerAccounts, numReadonlySignerAccounts, numReadonlyNonSignerAccounts } = wire.header;
  const statics = wire.staticAccounts.length;
  return {
    all: [...wire.staticAccounts, ...loaded.writable, ...loaded.readonly],
    loaded,
    isSigner: (index) => index < numSignerAccounts,
    isWritable(index) {
      if (index >= statics) return index < statics + loaded.writable.length;
      if (index < numSignerAccounts) return index < numSignerAccounts - numReadonlySignerAccounts;
      return index < statics - numReadonlyNonSignerAccounts;
    },
  };
}
