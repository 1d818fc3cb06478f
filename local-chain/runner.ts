import type { Address, EncodedAccount } from "@solana/kit";
import type { LiteSVM } from "litesvm";
import type { AccountState, AccountVersions } from "./account-versions.ts";
import { execute, type Simulation, simulate } from "./execution.ts";
import { feeLamports } from "./fees.ts";
import type { createListeners } from "./listeners.ts";
import { livesByNonce } from "./nonce.ts";
import type { Slots } from "./slots.ts";
import type { TransactionError } from "./transaction-error.ts";
import type { TransactionLog, TransactionRecord } from "./transaction-log.ts";
import type { WireMessage, WireTransaction } from "./wire-transaction.ts";

/** Runs transactions in the open slot, and tells who listens. */
export function createRunner(parts: {
  svm: LiteSVM;
  slots: Slots;
  versions: AccountVersions;
  log: TransactionLog;
  listeners: ReturnType<typeof createListeners>;
  newest: (address: Address) => AccountState;
}) {
  const { svm, slots, versions, log, listeners, newest } = parts;
  const isLive = (message: WireMessage) =>
    slots.slotOfLiveBlockhash(message.recentBlockhash) !== undefined || livesByNonce(message, newest);
  return {
    barrier(wire: WireTransaction): TransactionError | null {
      if (log.bySignature(wire.signature) !== undefined) return "AlreadyProcessed";
      return isLive(wire) ? null : "BlockhashNotFound";
    },
    submit(wire: WireTransaction): TransactionRecord | undefined {
      const slot = slots.current();
      const execution = execute(svm, wire, newest, (address, before) =>
        versions.beforeWrite(address, slot, before),
      );
      if (!execution.landed) return undefined;
      const index = log.inSlot(slot).length;
      const record = { ...execution, wire, slot, unixSeconds: slots.unixSeconds(slot), index };
      log.add(record);
      listeners.processed(slot, [record]);
      return record;
    },
    setAccount(state: EncodedAccount): void {
      const slot = slots.current();
      versions.beforeWrite(state.address, slot, newest(state.address));
      svm.setAccount(state);
      listeners.processed(slot, []);
    },
    simulate: (wire: WireTransaction): Simulation => simulate(svm, wire, newest),
    fee: (message: WireMessage): bigint | null => (isLive(message) ? feeLamports(message) : null),
  };
}
