import { BLOCKHASH_BLOCKS, SLOTS_IN_EPOCH } from "../slots.ts";
import { API_VERSION, type MethodTable, readView, withContext } from "./context.ts";
import { readBlockhash, readConfig, readCount, readList } from "./parameters.ts";

/** Methods about the network itself: its version, slots, blocks and blockhashes. */
export const clusterMethods: MethodTable = {
  getHealth: () => "ok",
  getVersion: () => ({ "solana-core": API_VERSION, "feature-set": 0 }),
  getGenesisHash: (network) => network.genesisHash,
  getSlot: (network, [config]) => readView(network, readConfig(config)).slot,
  getBlockHeight: (network, [config]) => network.slots.height(readView(network, readConfig(config)).slot),
  getTransactionCount: (network) => network.log.count(),

  getEpochInfo(network, [config]) {
    const { slot } = readView(network, readConfig(config));
    return {
      absoluteSlot: slot,
      blockHeight: network.slots.height(slot),
      epoch: slot / SLOTS_IN_EPOCH,
      slotIndex: slot % SLOTS_IN_EPOCH,
      slotsInEpoch: SLOTS_IN_EPOCH,
      transactionCount: network.log.count(),
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

  getMinimumBalanceForRentExemption: (network, [bytes]) =>
    network.rentExemption(BigInt(readCount(bytes, "dataLength", 10 * 1024 * 1024))),

  getEpochSchedule: () => ({
    firstNormalEpoch: 0,
    firstNormalSlot: 0,
    leaderScheduleSlotOffset: SLOTS_IN_EPOCH,
    slotsPerEpoch: SLOTS_IN_EPOCH,
    warmup: false,
  }),

  /** Nobody competes for blocks here: the least that gets in is nothing. */
  getRecentPrioritizationFees(network, [addresses]) {
    if (addresses !== undefined) readList(addresses, "addresses", 128);
    return network.slots.liveBlockhashes().map(({ slot }) => ({ slot, prioritizationFee: 0 }));
  },
};
