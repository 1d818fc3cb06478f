import type { Address, Signature } from "@solana/kit";
import type { Execution } from "./execution.ts";
import type { WireTransaction } from "./wire-transaction.ts";

/** A transaction that a block holds. */
export type TransactionRecord = Execution & {
  readonly wire: WireTransaction;
  readonly slot: bigint;
  readonly unixSeconds: bigint;
  /** Its place among the transactions of its slot. */
  readonly index: number;
};

/** The newest transactions, findable by signature, by slot and by account. */
export type TransactionLog = {
  add(record: TransactionRecord): void;
  bySignature(signature: Signature): TransactionRecord | undefined;
  /** Oldest first. */
  byAddress(address: Address): readonly TransactionRecord[];
  /** Oldest first. */
  inSlot(slot: bigint): readonly TransactionRecord[];
  /** The slot of the oldest one that is kept; undefined where there is none. */
  oldestSlot(): bigint | undefined;
  /** Of all time, forgotten ones too. */
  count(): number;
};

/**
 * @param capacity - how many transactions are kept; the oldest are forgotten first
 * @param earlier - transactions of an earlier process, oldest first, and how many there ever were
 */
export function createTransactionLog(
  capacity: number,
  earlier: { records: Iterable<TransactionRecord>; count: number } = { records: [], count: 0 },
): TransactionLog {
  const bySignature = new Map<Signature, TransactionRecord>();
  const byAddress = new Map<Address, TransactionRecord[]>();
  const bySlot = new Map<bigint, TransactionRecord[]>();
  let count = 0;

  const append = <K>(index: Map<K, TransactionRecord[]>, key: K, record: TransactionRecord) => {
    const records = index.get(key);
    if (records === undefined) index.set(key, [record]);
    else records.push(record);
  };
  // Indexes are filled in the order of arrival, so the oldest record is the first of each list it stands in.
  const dropFirst = <K>(index: Map<K, TransactionRecord[]>, key: K) => {
    const records = index.get(key);
    records?.shift();
    if (records?.length === 0) index.delete(key);
  };
  const forgetOldest = () => {
    for (const [signature, record] of bySignature) {
      bySignature.delete(signature);
      dropFirst(bySlot, record.slot);
      for (const key of new Set(record.keys.all)) dropFirst(byAddress, key);
      return;
    }
  };

  const add = (record: TransactionRecord) => {
    count++;
    bySignature.set(record.wire.signature, record);
    append(bySlot, record.slot, record);
    for (const key of new Set(record.keys.all)) append(byAddress, key, record);
    if (bySignature.size > capacity) forgetOldest();
  };
  for (const record of earlier.records) add(record);
  count = earlier.count;

  return {
    add,
    bySignature: (signature) => bySignature.get(signature),
    byAddress: (address) => byAddress.get(address) ?? [],
    inSlot: (slot) => bySlot.get(slot) ?? [],
    oldestSlot: () => bySlot.keys().next().value,
    count: () => count,
  };
}
