import type { Address } from "@solana/kit";
import type { AccountState } from "../account-versions.ts";
import { closedAccount } from "../closed-account.ts";
import type { LocalNetwork } from "../network.ts";
import type { Commitment } from "../slots.ts";
import { SYSVAR } from "../sysvars.ts";
import type { TransactionRecord } from "../transaction-log.ts";
import { withContext } from "./context.ts";
import { type AccountForm, encodeNotified, readAccountForm } from "./encode-account.ts";
import { invalidParam } from "./errors.ts";
import {
  isObject,
  type Parameters,
  readAddress,
  readCommitment,
  readConfig,
  readFlag,
  readList,
  readSignature,
} from "./parameters.ts";
import { readFilters } from "./program-filters.ts";

/** How long after its answer a subscription to a transaction that is settled already is told so. */
const SETTLED_NOTICE_MS = 20;

/** Accounts that change with every slot, whether a transaction ran in it or not. */
const EVERY_SLOT: ReadonlySet<Address> = new Set(Object.values(SYSVAR));

/** Begins to notify, never before it returns; gives the way to stop. `end` closes the subscription from this side. */
export type Start = (notify: (result: unknown) => void, end: () => void) => () => void;
/** Reads a subscription's parameters, and only then can it be started. */
export type Subscribe = (network: LocalNetwork, parameters: Parameters) => Start;

/** Every subscription by its name: `slot` is asked for as slotSubscribe and told as slotNotification. */
export const SUBSCRIPTIONS: Readonly<Record<string, Subscribe>> = {
  slot: (network) => (notify) =>
    network.listen({ slotOpened: (slot, parent, root) => notify({ slot, parent, root }) }),

  root: (network) => (notify) => network.listen({ slotOpened: (_slot, _parent, root) => notify(root) }),

  /** A slot's life: opened, run, seen by most, final. Nothing is shredded or replayed here. */
  slotsUpdates: (network) => (notify) =>
    network.listen({
      slotOpened(slot, parent, root) {
        const timestamp = network.slots.unixSeconds(slot) * 1000n;
        notify({ type: "createdBank", slot, parent, timestamp });
        notify({ type: "completed", slot: parent, timestamp });
        notify({ type: "frozen", slot: parent, timestamp, stats: statsOf(network.log.inSlot(parent)) });
        notify({ type: "optimisticConfirmation", slot: parent, timestamp });
        notify({ type: "root", slot: root, timestamp });
      },
    }),

  /** Told once, also when the transaction is settled already; where wanted, told before when it first ran. */
  signature(network, [value, config]) {
    const signature = readSignature(value, "signature");
    const options = readConfig(config);
    const commitment = readCommitment(options.commitment);
    const received = readFlag(options.enableReceivedNotification, "enableReceivedNotification");
    return (notify, end) => {
      const known = network.log.bySignature(signature);
      const tellReceived = ({ slot }: TransactionRecord) => {
        if (received) notify(withContext(slot, "receivedSignature"));
      };
      const tell = ({ slot, error }: TransactionRecord) => {
        notify(withContext(slot, { err: error }));
        end();
      };
      // Clients drop what arrives in one packet with the number of the subscription.
      const telling = setTimeout(() => {
        if (known === undefined) return;
        tellReceived(known);
        if (known.slot <= network.slots.at(commitment)) tell(known);
      }, SETTLED_NOTICE_MS);
      const stop = network.listen({
        settled(reached, _slot, records) {
          const record = records.find((one) => one.wire.signature === signature);
          if (record === undefined) return;
          if (reached === "processed") tellReceived(record);
          if (reached === commitment) tell(record);
        },
      });
      return () => {
        clearTimeout(telling);
        stop();
      };
    };
  },

  account(network, [value, config]) {
    const address = readAddress(value, "address");
    const options = readConfig(config);
    const form = readAccountForm(options);
    const commitment = readCommitment(options.commitment);
    return (notify) => {
      const tell = (slot: bigint) => {
        const account = network.accountAt(address, slot) ?? closedAccount(address);
        notify(withContext(slot, encodeAt(network, slot, account, form)));
      };
      if (EVERY_SLOT.has(address))
        return network.listen({ slotOpened: () => tell(network.slots.at(commitment)) });
      return onSettled(network, commitment, (slot) => {
        if (network.versions.changedIn(slot).has(address)) tell(slot);
      });
    };
  },

  program(network, [value, config]) {
    const program = readAddress(value, "program");
    const options = readConfig(config);
    const form = readAccountForm(options);
    const commitment = readCommitment(options.commitment);
    const passes = readFilters(options.filters);
    return (notify) =>
      onSettled(network, commitment, (slot) => {
        for (const address of network.versions.changedIn(slot)) {
          const account = network.accountAt(address, slot);
          if (account?.programAddress !== program || !passes(account)) continue;
          notify(withContext(slot, { pubkey: address, account: encodeAt(network, slot, account, form) }));
        }
      });
  },

  logs(network, [filter, config]) {
    const mentions = readLogsFilter(filter);
    const commitment = readCommitment(readConfig(config).commitment);
    return (notify) =>
      onSettled(network, commitment, (slot, records) => {
        for (const record of records) {
          if (mentions !== undefined && !record.keys.all.includes(mentions)) continue;
          const { signature } = record.wire;
          notify(withContext(slot, { signature, err: record.error, logs: record.logs }));
        }
      });
  },
};

/** What a node counts when a slot is full; every transaction is an entry of its own here. */
function statsOf(records: readonly TransactionRecord[]) {
  const failed = records.filter((record) => record.error !== null).length;
  return {
    maxTransactionsPerEntry: Math.min(records.length, 1),
    numFailedTransactions: failed,
    numSuccessfulTransactions: records.length - failed,
    numTransactionEntries: records.length,
  };
}

function onSettled(
  network: LocalNetwork,
  wanted: Commitment,
  told: (slot: bigint, records: readonly TransactionRecord[]) => void,
): () => void {
  return network.listen({
    settled: (commitment, slot, records) => {
      if (commitment === wanted) told(slot, records);
    },
  });
}

function encodeAt(
  network: LocalNetwork,
  slot: bigint,
  account: NonNullable<AccountState>,
  form: AccountForm,
) {
  return encodeNotified(account, form, (key) => network.accountAt(key, slot));
}

function readLogsFilter(filter: unknown): Address | undefined {
  if (filter === "all" || filter === "allWithVotes") return undefined;
  if (isObject(filter) && filter.mentions !== undefined)
    return readAddress(readList(filter.mentions, "filter.mentions", 1)[0], "filter.mentions[0]");
  throw invalidParam("filter", filter, 'all, allWithVotes or {"mentions": [address]}');
}
