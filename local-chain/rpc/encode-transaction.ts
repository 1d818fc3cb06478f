import { getBase58Decoder } from "@solana/kit";
import type { InnerInstructions, Outcome } from "../execution.ts";
import type { TransactionRecord } from "../transaction-log.ts";
import type { WireMessage, WireTransaction } from "../wire-transaction.ts";
import { describeVersion, encodeParsedInner, encodeParsedMessage } from "./encode-parsed.ts";

/** `binary` is base58 without its name. */
export type TransactionEncoding = "json" | "jsonParsed" | "base58" | "base64" | "binary";

/** A transaction in the form asked for: its wire bytes, or its parts. */
export function encodeTransaction({ wire, keys }: TransactionRecord, encoding: TransactionEncoding): unknown {
  if (encoding === "base64") return [Buffer.from(wire.bytes).toString("base64"), "base64"];
  if (encoding === "binary") return getBase58Decoder().decode(wire.bytes);
  if (encoding === "base58") return [getBase58Decoder().decode(wire.bytes), "base58"];
  return {
    message: encoding === "jsonParsed" ? encodeParsedMessage(wire, keys) : encodeMessage(wire),
    signatures: signaturesOf(wire),
  };
}

/** The signatures in the order of their signers, in base58. */
export function signaturesOf(wire: WireTransaction): string[] {
  const unsigned = new Uint8Array(64);
  return Object.values(wire.transaction.signatures).map((one) => getBase58Decoder().decode(one ?? unsigned));
}

function encodeMessage(message: WireMessage) {
  return {
    accountKeys: message.staticAccounts,
    header: {
      numReadonlySignedAccounts: message.header.numReadonlySignerAccounts,
      numReadonlyUnsignedAccounts: message.header.numReadonlyNonSignerAccounts,
      numRequiredSignatures: message.header.numSignerAccounts,
    },
    instructions: message.instructions.map((instruction) => ({
      accounts: instruction.accountIndices,
      data: getBase58Decoder().decode(instruction.data),
      programIdIndex: instruction.programAddressIndex,
      stackHeight: 1,
    })),
    recentBlockhash: message.recentBlockhash,
    ...describeVersion(message),
  };
}

/** What a block keeps about a transaction beside it. */
export function encodeMeta(record: TransactionRecord, encoding: TransactionEncoding) {
  const inner = record.innerInstructions;
  const parsed = encoding === "jsonParsed";
  return {
    ...encodeBalances(record),
    computeUnitsConsumed: record.unitsConsumed,
    innerInstructions: parsed ? encodeParsedInner(inner, record.keys) : encodeInner(inner),
    // Parsed accounts say themselves where they were loaded from.
    ...(parsed ? {} : { loadedAddresses: record.keys.loaded }),
    logMessages: record.logs,
    rewards: [],
    ...(record.returnData === null ? {} : { returnData: encodeReturnData(record) }),
  };
}

/** What became of a transaction and what it moved. */
export function encodeBalances(record: TransactionRecord) {
  return {
    err: record.error,
    fee: record.feeLamports,
    postBalances: record.postBalances,
    postTokenBalances: record.postTokenBalances,
    preBalances: record.preBalances,
    preTokenBalances: record.preTokenBalances,
    status: record.error === null ? { Ok: null } : { Err: record.error },
  };
}

function encodeInner(groups: readonly InnerInstructions[]) {
  return groups.map(({ index, instructions }) => ({
    index,
    instructions: instructions.map((one) => ({ ...one, data: getBase58Decoder().decode(one.data) })),
  }));
}

export function encodeReturnData({ returnData }: Pick<Outcome, "returnData">) {
  if (returnData === null) return null;
  return {
    data: [Buffer.from(returnData.data).toString("base64"), "base64"],
    programId: returnData.programId,
  };
}
