import type { LocalNetwork } from "../network.ts";
import type { TransactionRecord } from "../transaction-log.ts";
import { describeKeys } from "./encode-parsed.ts";
import { encodeBalances, encodeMeta, encodeTransaction, signaturesOf } from "./encode-transaction.ts";
import { type RequestConfig, readWord } from "./parameters.ts";
import { readTransactionForm, refuseUnsupportedVersion, type TransactionForm } from "./transaction-form.ts";

export type BlockForm = TransactionForm & {
  readonly details: "full" | "accounts" | "signatures" | "none";
  readonly rewards: boolean;
};

/** Reads `transactionDetails` and `rewards` beside a transaction's form. */
export function readBlockForm(options: RequestConfig): BlockForm {
  const details = ["full", "accounts", "signatures", "none"] as const;
  return {
    ...readTransactionForm(options),
    details: readWord(options.transactionDetails, "transactionDetails", details, "full"),
    rewards: options.rewards !== false,
  };
}

/** A block that is settled, with as much of its transactions as was asked for. Nobody earns rewards here. */
export function encodeBlock(network: LocalNetwork, slot: bigint, form: BlockForm) {
  const { slots } = network;
  const records = network.log.inSlot(slot);
  const height = slots.height(slot);
  return {
    blockHeight: height,
    blockTime: slots.unixSeconds(slot),
    blockhash: slots.blockhash(slot),
    parentSlot: slot - 1n,
    previousBlockhash: slots.blockhash(slot - 1n),
    ...(form.rewards ? { rewards: [] } : {}),
    ...encodeRecords(records, form),
  };
}

function encodeRecords(records: readonly TransactionRecord[], form: BlockForm) {
  if (form.details === "none") return {};
  if (form.details === "signatures") return { signatures: records.map((record) => record.wire.signature) };
  return { transactions: records.map((record) => encodeRecord(record, form)) };
}

function encodeRecord(record: TransactionRecord, { details, encoding, newestVersion }: BlockForm) {
  refuseUnsupportedVersion(record, newestVersion);
  const { wire, keys } = record;
  const version = newestVersion === undefined ? {} : { version: wire.version };
  if (details === "accounts") {
    const transaction = { accountKeys: describeKeys(wire, keys), signatures: signaturesOf(wire) };
    return { meta: encodeBalances(record), transaction, ...version };
  }
  return { meta: encodeMeta(record, encoding), transaction: encodeTransaction(record, encoding), ...version };
}
