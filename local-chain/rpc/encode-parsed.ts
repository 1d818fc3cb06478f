import { type Address, getBase58Decoder, type ReadonlyUint8Array } from "@solana/kit";
import type { AccountKeys } from "../account-keys.ts";
import type { InnerInstructions } from "../execution.ts";
import type { WireMessage } from "../wire-transaction.ts";
import { parseInstruction } from "./parse-instruction.ts";

/** A message with its accounts described and its instructions read, where their programs are known. */
export function encodeParsedMessage(message: WireMessage, keys: AccountKeys) {
  return {
    accountKeys: describeKeys(message, keys),
    instructions: message.instructions.map(({ programAddressIndex, accountIndices, data }) =>
      encodeInstruction(keys, programAddressIndex, accountIndices, data, 1),
    ),
    recentBlockhash: message.recentBlockhash,
    ...describeVersion(message),
  };
}

/** What only newer messages have: lookup tables since v0, and since v1 what they ask of the runtime. */
export function describeVersion(message: WireMessage) {
  if (message.version === 1) return { transactionConfig: message.v1Config };
  if (message.version === "legacy") return {};
  return {
    addressTableLookups: message.lookups.map((use) => ({
      accountKey: use.lookupTableAddress,
      readonlyIndexes: use.readonlyIndexes,
      writableIndexes: use.writableIndexes,
    })),
  };
}

/** Each account with what the transaction may do with it, and where it was named. */
export function describeKeys(message: WireMessage, keys: AccountKeys) {
  return keys.all.map((pubkey, index) => ({
    pubkey,
    signer: keys.isSigner(index),
    source: index < message.staticAccounts.length ? "transaction" : "lookupTable",
    writable: keys.isWritable(index),
  }));
}

export function encodeParsedInner(groups: readonly InnerInstructions[], keys: AccountKeys) {
  return groups.map(({ index, instructions }) => ({
    index,
    instructions: instructions.map((one) =>
      encodeInstruction(keys, one.programIdIndex, one.accounts, one.data, one.stackHeight),
    ),
  }));
}

function encodeInstruction(
  keys: AccountKeys,
  programIndex: number,
  accountIndices: readonly number[],
  data: ReadonlyUint8Array,
  stackHeight: number,
) {
  const at = (index: number): Address[] => keys.all.slice(index, index + 1);
  const [programId] = at(programIndex);
  const accounts = accountIndices.flatMap(at);
  const parsed = programId === undefined ? undefined : parseInstruction(programId, accounts, data);
  if (parsed !== undefined) return { ...parsed, programId, stackHeight };
  return { accounts, data: getBase58Decoder().decode(data), programId, stackHeight };
}
