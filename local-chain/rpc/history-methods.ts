import { memosOf } from "../memo.ts";
import type { LocalNetwork } from "../network.ts";
import { RECENT_SLOTS } from "../slots.ts";
import type { TransactionRecord } from "../transaction-log.ts";
import { type MethodTable, readSettledView, withContext } from "./context.ts";
import { encodeMeta, encodeTransaction } from "./encode-transaction.ts";
import { RPC_CODE, RpcError } from "./errors.ts";
import {
  readAddress,
  readConfig,
  readFlag,
  readList,
  readOptionalCount,
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

  /**
   * Newest first; `before` and `until` are signatures, both left out themselves. They need not be the address's own:
   * where a transaction stands among all is what counts.
   */
  getSignaturesForAddress(network, [address, config]) {
    const asked = readAddress(address, "address");
    const options = readConfig(config);
    const limit = readLimit(options.limit);
    const { slot: newest } = readSettledView(network, options);
    const before = readPlace(network, options.before, "before", newest);
    const until = readPlace(network, options.until, "until", newest);
    const page = network.log
      .byAddress(asked)
      .filter((record) => record.slot <= newest)
      .filter((record) => before === undefined || isEarlier(record, before))
      .filter((record) => until === undefined || isEarlier(until, record));
    return page
      .reverse()
      .slice(0, limit)
      .map((record) => ({
        blockTime: record.unixSeconds,
        confirmationStatus: network.slots.commitmentOf(record.slot),
        err: record.error,
        memo: memosOf(record.wire),
        signature: record.wire.signature,
        slot: record.slot,
        transactionIndex: record.index,
      }));
  },
};

const MAX_SIGNATURES = 1000;

function readLimit(value: unknown): number {
  const limit = readOptionalCount(value, "limit") ?? MAX_SIGNATURES;
  if (limit > 0 && limit <= MAX_SIGNATURES) return limit;
  throw new RpcError(RPC_CODE.invalidParams, `Invalid limit; max ${MAX_SIGNATURES}`, {
    field: "limit",
    given: limit,
    allowed: `1 to ${MAX_SIGNATURES}`,
  });
}

/** @throws RpcError −32020 for a signature that no settled block holds, as nodes answer since 4.0 */
function readPlace(
  network: LocalNetwork,
  value: unknown,
  name: string,
  newest: bigint,
): TransactionRecord | undefined {
  if (value === undefined || value === null) return undefined;
  const signature = readSignature(value, name);
  const record = network.log.bySignature(signature);
  if (record !== undefined && record.slot <= newest) return record;
  throw new RpcError(RPC_CODE.transactionNotFound, `Transaction ${signature} not found`, {
    field: name,
    given: signature,
    allowed: "the signature of a transaction that this node remembers",
  });
}

function isEarlier(a: TransactionRecord, b: TransactionRecord): boolean {
  return a.slot === b.slot ? a.index < b.index : a.slot < b.slot;
}

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
