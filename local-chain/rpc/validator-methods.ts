import type { LocalNetwork } from "../network.ts";
import { SLOT_MS, SLOTS_IN_EPOCH } from "../slots.ts";
import { API_VERSION, type MethodTable, readView, withContext } from "./context.ts";
import { RPC_CODE, RpcError } from "./errors.ts";
import {
  isObject,
  readAddress,
  readCommitment,
  readConfig,
  readCount,
  readList,
  readOptionalCount,
} from "./parameters.ts";

const SAMPLE_SECONDS = 60;

/** Methods about validators and what they earn. There is one, it leads every slot, and nothing is inflated. */
export const validatorMethods: MethodTable = {
  getIdentity: (network) => ({ identity: network.validator.identity }),
  getSlotLeader(network, [config]) {
    readView(network, readConfig(config));
    return network.validator.identity;
  },

  getSlotLeaders(network, [start, limit]) {
    const first = readCount(start, "startSlot");
    const count = readCount(limit, "limit");
    if (count > MAX_LEADERS) throw refused(`Invalid limit; max ${MAX_LEADERS}`, "limit", count);
    const epoch = BigInt(first + Math.max(count, 1) - 1) / SLOTS_IN_EPOCH;
    if (epoch > lastScheduledEpoch(network))
      throw refused(
        `Invalid slot range: leader schedule for epoch ${epoch} is unavailable`,
        "startSlot",
        first,
      );
    return Array.from({ length: count }, () => network.validator.identity);
  },

  /** [slot, config] or [config]; null for an epoch whose leaders are not settled yet. */
  getLeaderSchedule(network, [first, second]) {
    const [slot, config] = isObject(first) ? [undefined, first] : [first, second];
    const { identity, commitment } = readConfig(config);
    readCommitment(commitment);
    const asked =
      slot === undefined || slot === null ? network.slots.current() : BigInt(readCount(slot, "slot"));
    if (asked / SLOTS_IN_EPOCH > lastScheduledEpoch(network)) return null;
    const isOther = isGiven(identity) && readAddress(identity, "identity") !== network.validator.identity;
    if (isOther) return {};
    return {
      [network.validator.identity]: Array.from({ length: Number(SLOTS_IN_EPOCH) }, (_, index) => index),
    };
  },

  getBlockProduction(network, [config]) {
    const options = readConfig(config);
    const { slot } = readView(network, options);
    const { firstSlot, lastSlot } = readRange(network, options.range, slot);
    const blocks = lastSlot - firstSlot + 1n;
    const isOther =
      isGiven(options.identity) && readAddress(options.identity, "identity") !== network.validator.identity;
    const byIdentity = isOther ? {} : { [network.validator.identity]: [blocks, blocks] };
    return withContext(slot, { byIdentity, range: { firstSlot, lastSlot } });
  },

  /** The node's own addresses are what the client called: they are not told again. */
  getClusterNodes: (network) => [
    {
      pubkey: network.validator.identity,
      clientId: null,
      gossip: null,
      tvu: null,
      tpu: null,
      tpuQuic: null,
      tpuForwards: null,
      tpuForwardsQuic: null,
      tpuVote: null,
      serveRepair: null,
      rpc: null,
      pubsub: null,
      version: API_VERSION,
      featureSet: 0,
      shredVersion: 0,
    },
  ],

  getVoteAccounts(network, [config]) {
    const options = readConfig(config);
    const { slot } = readView(network, options);
    const { identity, vote } = network.validator;
    if (isGiven(options.votePubkey) && readAddress(options.votePubkey, "votePubkey") !== vote)
      return { current: [], delinquent: [] };
    const account = {
      votePubkey: vote,
      nodePubkey: identity,
      activatedStake: 1,
      epochVoteAccount: true,
      epochCredits: [],
      commission: 0,
      inflationRewardsCommissionBps: 0,
      lastVote: slot,
      rootSlot: network.slots.at("finalized"),
    };
    return { current: [account], delinquent: [] };
  },

  getInflationGovernor: () => ({ foundation: 0, foundationTerm: 0, initial: 0, taper: 0, terminal: 0 }),
  getInflationRate: (network) => ({
    epoch: network.slots.current() / SLOTS_IN_EPOCH,
    foundation: 0,
    total: 0,
    validator: 0,
  }),
  getInflationReward: (_network, [addresses]) =>
    readList(addresses ?? [], "addresses", 256).map((one, i) => {
      readAddress(one, `addresses[${i}]`);
      return null;
    }),

  getStakeMinimumDelegation: (network, [config]) =>
    withContext(readView(network, readConfig(config)).slot, LEAST_DELEGATION_LAMPORTS),

  /** The last minute. */
  getRecentPerformanceSamples(network, [limit]) {
    if (readCount(limit ?? 720, "limit", 720) === 0) return [];
    const slot = network.slots.at("finalized");
    const numSlots = BigInt((SAMPLE_SECONDS * 1000) / SLOT_MS);
    let numTransactions = 0;
    for (let one = slot - numSlots + 1n; one <= slot; one++)
      numTransactions += network.log.inSlot(one).length;
    return [
      {
        numNonVoteTransactions: numTransactions,
        numSlots,
        numTransactions,
        samplePeriodSecs: SAMPLE_SECONDS,
        slot,
      },
    ];
  },

  getMaxRetransmitSlot: (network) => network.slots.current(),
  getMaxShredInsertSlot: (network) => network.slots.current(),
};

const MAX_LEADERS = 5000;
/** What the stake program of this network asks: 1 SOL. */
const LEAST_DELEGATION_LAMPORTS = 1_000_000_000;

/** Leaders are settled an epoch ahead. */
function lastScheduledEpoch(network: LocalNetwork): bigint {
  return network.slots.current() / SLOTS_IN_EPOCH + 1n;
}

/** The slots asked for; where none are, those of this epoch. */
function readRange(network: LocalNetwork, range: unknown, slot: bigint) {
  const { genesis } = network.slots;
  if (!isGiven(range)) {
    const epochStart = slot - (slot % SLOTS_IN_EPOCH);
    return { firstSlot: epochStart > genesis ? epochStart : genesis, lastSlot: slot };
  }
  const given = readConfig(range, "range");
  const firstSlot = BigInt(readCount(given.firstSlot, "range.firstSlot"));
  const lastSlot = BigInt(readOptionalCount(given.lastSlot, "range.lastSlot") ?? slot);
  if (lastSlot < firstSlot)
    throw refused(`lastSlot, ${lastSlot}, cannot be less than firstSlot, ${firstSlot}`, "range", range);
  if (firstSlot < genesis)
    throw refused(`firstSlot, ${firstSlot}, is too small; min ${genesis}`, "range", range);
  if (lastSlot > slot) throw refused(`lastSlot, ${lastSlot}, is too large; max ${slot}`, "range", range);
  return { firstSlot, lastSlot };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** A refusal in a node's own words. */
function refused(words: string, field: string, given: unknown): RpcError {
  return new RpcError(RPC_CODE.invalidParams, words, { field, given });
}
