import type { LocalNetwork } from "../network.ts";
import { RECENT_SLOTS } from "../slots.ts";
import type { TransactionRecord } from "../transaction-log.ts";
import { type MethodTable, withContext } from "./context.ts";
import { encodeMeta, encodeTransaction } from "./encode-transaction.ts";
import {
  readAddress,
  readConfig,
  readCount,
  readFlag,
  readList,
  readSettledCommitment,
  readSignature,
} from "./parameters.ts";
import { readTransactionForm, refuseUnsupportedVersion } from "./transaction-form.ts";

/** Methods about transactions that ran. */
export const historyMethods: MethodTable = {
  getSignatureStatuses(network, [signatures, config]) {
    const asked = readList(signatures, "signatures", 256).map((one, i) =>
      readSignature(one, `signatures[${i}]`),
    );
    const searches = readFlag(readConfig(config).searchTransactionHistory, "searchTransactionHistory");
    const current = network.slots.current();
    const value = asked.map((signature) => {
      const record = network.log.bySignature(signature);
      if (record === undefined || (!searches && record.slot < current - RECENT_SLOTS)) return null;
      return statusOf(network, record);
    });
    return withContext(current, value);
  },

  getTransaction(network, [signature, config]) {
    const asked = readSignature(signature, "signature");
    const options = typeof config === "string" ? { encoding: config } : readConfig(config);
    const commitment = readSettledCommitment(options.commitment);
    const { encoding, newestVersion } = readTransactionForm(options);
    const record = network.log.bySignature(asked);
    if (record === undefined || record.slot > network.slots.at(commitment)) return null;
    refuseUnsupportedVersion(record, newestVersion);
    return {
      blockTime: record.unixSeconds,
      meta: encodeMeta(record, encoding),
      slot: record.slot,
      transaction: encodeTransaction(record, encoding),
      transactionIndex: record.index,
      ...(newestVersion === undefined ? {} : { version: record.wire.version }),
    };
  },

  /** Newest first; `before` and `until` are signatures, both left out themselves. */
  getSignaturesForAddress(network, [address, config]) {
    const asked = readAddress(address, "address");
    const options = readConfig(config);
    const newest = network.slots.at(readSettledCommitment(options.commitment));
    const limit = readCount(options.limit ?? 1000, "limit", 1000);
    const before = options.before == null ? undefined : readSignature(options.before, "before");
    const until = options.until == null ? undefined : readSignature(options.until, "until");
    const records = network.log.byAddress(asked).filter((record) => record.slot <= newest);
    const end = before === undefined ? records.length : indexOf(records, before);
    const start = until === undefined ? 0 : indexOf(records, until) + 1;
    const page = records.slice(start, Math.max(start, end)).reverse().slice(0, limit);
    return page.map((record) => ({
      blockTime: record.unixSeconds,
      confirmationStatus: network.slots.commitmentOf(record.slot),
      err: record.error,
      memo: null,
      signature: record.wire.signature,
      slot: record.slot,
      transactionIndex: record.index,
    }));
  },
};

function statusOf(network: LocalNetwork, record: TransactionRecord) {
  const confirmationStatus = network.slots.commitmentOf(record.slot);
  return {
    confirmationStatus,
    confirmations: confirmationStatus === "finalized" ? null : network.slots.current() - record.slot,
    err: record.error,
    slot: record.slot,
    status: record.error === null ? { Ok: null } : { Err: record.error },
  };
}

/** Where a signature stands among an account's; −1 where it does not. */
function indexOf(records: readonly TransactionRecord[], signature: string): number {
  return records.findIndex((record) => record.wire.signature === signature);
}
