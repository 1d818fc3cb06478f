import type { Address } from "@solana/kit";
import type { AccountState } from "../account-versions.ts";
import { closedAccount } from "../closed-account.ts";
import type { LocalNetwork } from "../network.ts";
import type { Commitment } from "../slots.ts";
import type { TransactionRecord } from "../transaction-log.ts";
import { withContext } from "./context.ts";
import { type AccountForm, encodeAccount, readAccountForm } from "./encode-account.ts";
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
        notify({ type: "optimisticConfirmation", slot: parent, timestamp });
        notify({ type: "root", slot: root, timestamp });
      },
    }),

  /** Told once, also when the transaction is settled already. */
  signature(network, [value, config]) {
    const signature = readSignature(value, "signature");
    const options = readConfig(config);
    const commitment = readCommitment(options.commitment);
    const received = readFlag(options.enableReceivedNotification, "enableReceivedNotification");
    return (notify, end) => {
      const tell = (record: TransactionRecord) => {
        const { slot } = record;
        if (received && commitment !== "processed") notify(withContext(slot, "receivedSignature"));
        notify(withContext(slot, { err: record.error }));
        end();
      };
      const known = network.log.bySignature(signature);
      if (known !== undefined && known.slot <= network.slots.at(commitment)) {
        // Clients drop what arrives in one packet with the number of the subscription.
        const telling = setTimeout(() => tell(known), SETTLED_NOTICE_MS);
        return () => clearTimeout(telling);
      }
      return onSettled(network, commitment, (_slot, records) => {
        const record = records.find((one) => one.wire.signature === signature);
        if (record !== undefined) tell(record);
      });
    };
  },

  account(network, [value, config]) {
    const address = readAddress(value, "address");
    const options = readConfig(config);
    const form = readAccountForm(options);
    const commitment = readCommitment(options.commitment);
    return (notify) =>
      onSettled(network, commitment, (slot) => {
        if (!network.versions.changedIn(slot).has(address)) return;
        const account = network.versions.at(address, slot) ?? closedAccount(address);
        notify(withContext(slot, encodeAt(network, slot, account, form)));
      });
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
          const account = network.versions.at(address, slot);
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
  return encodeAccount(account, form, (key) => network.versions.at(key, slot));
}

function readLogsFilter(filter: unknown): Address | undefined {
  if (filter === "all" || filter === "allWithVotes") return undefined;
  if (isObject(filter) && filter.mentions !== undefined)
    return readAddress(readList(filter.mentions, "filter.mentions", 1)[0], "filter.mentions[0]");
  throw invalidParam("filter", filter, 'all, allWithVotes or {"mentions": [address]}');
}
