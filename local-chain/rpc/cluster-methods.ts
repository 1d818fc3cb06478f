import type { Address } from "@solana/kit";
import { microLamportsPerUnit } from "../fees.ts";
import type { LocalNetwork } from "../network.ts";
import { BLOCKHASH_BLOCKS, SLOTS_IN_EPOCH } from "../slots.ts";
import type { TransactionRecord } from "../transaction-log.ts";
import { type MethodTable, readView, VERSION, withContext } from "./context.ts";
import { RPC_CODE, RpcError } from "./errors.ts";
import { readAddress, readBlockhash, readCommitment, readConfig, readCount, readList } from "./parameters.ts";

/** Methods about the network itself: its version, slots, blocks and blockhashes. */
export const clusterMethods: MethodTable = {
  getHealth: () => "ok",
  getVersion: () => VERSION,
  getGenesisHash: (network) => network.genesisHash,
  getSlot: (network, [config]) => readView(network, readConfig(config)).slot,
  getBlockHeight: (network, [config]) => network.slots.height(readView(network, readConfig(config)).slot),
  getTransactionCount: (network, [config]) => countUpTo(network, readView(network, readConfig(config)).slot),

  getEpochInfo(network, [config]) {
    const { slot } = readView(network, readConfig(config));
    return {
      absoluteSlot: slot,
      blockHeight: network.slots.height(slot),
      epoch: slot / SLOTS_IN_EPOCH,
      slotIndex: slot % SLOTS_IN_EPOCH,
      slotsInEpoch: SLOTS_IN_EPOCH,
      transactionCount: countUpTo(network, slot),
    };
  },

  getLatestBlockhash(network, [config]) {
    const { slot } = readView(network, readConfig(config));
    const lastValidBlockHeight = network.slots.height(slot) + BLOCKHASH_BLOCKS;
    return withContext(slot, { blockhash: network.slots.blockhash(slot), lastValidBlockHeight });
  },

  isBlockhashValid(network, [hash, config]) {
    const asked = readBlockhash(hash, "blockhash");
    const { slot } = readView(network, readConfig(config));
    const born = network.slots.slotOfLiveBlockhash(asked);
    return withContext(slot, born !== undefined && born <= slot);
  },

  getMinimumBalanceForRentExemption(network, [bytes, config]) {
    readCommitment(readConfig(config).commitment);
    return network.rentExemption(BigInt(readCount(bytes, "dataLength", 10 * 1024 * 1024)));
  },

  getEpochSchedule: () => ({
    firstNormalEpoch: 0,
    firstNormalSlot: 0,
    leaderScheduleSlotOffset: SLOTS_IN_EPOCH,
    slotsPerEpoch: SLOTS_IN_EPOCH,
    warmup: false,
  }),

  /** What transactions of the last 150 slots offered at least; where addresses are named, what wrote to each of them. */
  getRecentPrioritizationFees(network, [addresses]) {
    const written = readList(addresses ?? [], "addresses", 128).map((one, i) =>
      readAddress(one, `addresses[${i}]`),
    );
    const slots = network.slots.liveBlockhashes().slice(-FEE_SLOTS);
    return slots.map(({ slot }) => ({
      slot,
      prioritizationFee: leastFee(network.log.inSlot(slot), written),
    }));
  },

  /** No snapshots are made here: a node without any answers so. */
  getHighestSnapshotSlot() {
    throw new RpcError(RPC_CODE.noSnapshot, "No snapshot");
  },
};

const FEE_SLOTS = 150;

/** Transactions of all time up to the end of a slot that is not before the newest final one. */
function countUpTo(network: LocalNetwork, slot: bigint): number {
  let count = network.log.count();
  for (let later = network.slots.current(); later > slot; later--) count -= network.log.inSlot(later).length;
  return count;
}

/** The least that got in, and no less than the least that wrote to any of these accounts. */
function leastFee(records: readonly TransactionRecord[], written: readonly Address[]): bigint {
  const least = (some: readonly TransactionRecord[]) =>
    some
      .map((record) => microLamportsPerUnit(record.wire))
      .reduce((a, b) => (a < b ? a : b), some.length ? MAX : 0n);
  const writers = written.map((address) =>
    records.filter(({ keys }) => keys.all.some((key, index) => key === address && keys.isWritable(index))),
  );
  return [records, ...writers].map(least).reduce((a, b) => (a > b ? a : b), 0n);
}

const MAX = 2n ** 64n - 1n;
