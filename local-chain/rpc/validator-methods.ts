import { SLOT_MS, SLOTS_IN_EPOCH } from "../slots.ts";
import { API_VERSION, type MethodTable, readView, withContext } from "./context.ts";
import { isObject, readAddress, readConfig, readCount, readList } from "./parameters.ts";

const SAMPLE_SECONDS = 60;

/** Methods about validators and what they earn. There is one, it leads every slot, and nothing is inflated. */
export const validatorMethods: MethodTable = {
  getIdentity: (network) => ({ identity: network.validator.identity }),
  getSlotLeader: (network) => network.validator.identity,

  getSlotLeaders(network, [start, limit]) {
    readCount(start, "startSlot");
    return Array.from({ length: readCount(limit, "limit", 5000) }, () => network.validator.identity);
  },

  /** [slot, config] or [config]; null for an epoch that has not come. */
  getLeaderSchedule(network, [first, second]) {
    const [slot, config] = isObject(first) ? [undefined, first] : [first, second];
    const { identity } = readConfig(config);
    const asked =
      slot === undefined || slot === null ? network.slots.current() : BigInt(readCount(slot, "slot"));
    if (asked / SLOTS_IN_EPOCH > network.slots.current() / SLOTS_IN_EPOCH) return null;
    const isOther =
      identity !== undefined &&
      identity !== null &&
      readAddress(identity, "identity") !== network.validator.identity;
    if (isOther) return {};
    return {
      [network.validator.identity]: Array.from({ length: Number(SLOTS_IN_EPOCH) }, (_, index) => index),
    };
  },

  getBlockProduction(network, [config]) {
    const { slot } = readView(network, readConfig(config));
    const { genesis } = network.slots;
    const beganInThisEpoch = genesis / SLOTS_IN_EPOCH === slot / SLOTS_IN_EPOCH;
    const firstSlot = beganInThisEpoch ? genesis : slot - (slot % SLOTS_IN_EPOCH);
    const blocks = slot - firstSlot + 1n;
    const byIdentity = { [network.validator.identity]: [blocks, blocks] };
    return withContext(slot, { byIdentity, range: { firstSlot, lastSlot: slot } });
  },

  /** The node's own addresses are what the client called: they are not told again. */
  getClusterNodes: (network) => [
    {
      pubkey: network.validator.identity,
      gossip: null,
      tpu: null,
      rpc: null,
      pubsub: null,
      version: API_VERSION,
      featureSet: 0,
      shredVersion: 0,
    },
  ],

  getVoteAccounts(network, [config]) {
    const { slot } = readView(network, readConfig(config));
    const { identity, vote } = network.validator;
    const account = {
      votePubkey: vote,
      nodePubkey: identity,
      activatedStake: 1,
      epochVoteAccount: true,
      epochCredits: [],
      commission: 0,
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
    withContext(readView(network, readConfig(config)).slot, 1),

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
