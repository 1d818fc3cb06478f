import type { AccountVersions } from "./account-versions.ts";
import type { Commitment, Slots } from "./slots.ts";
import type { TransactionLog, TransactionRecord } from "./transaction-log.ts";

/** What a listener hears. All of it is told while a call or a tick runs, in order. */
export type NetworkListener = {
  /** Slot `slot` opened; `root` is the newest final one. */
  slotOpened?(slot: bigint, parent: bigint, root: bigint): void;
  /** These transactions of `slot` are now settled to `commitment`; none where accounts were only set from outside. */
  settled?(commitment: Commitment, slot: bigint, records: readonly TransactionRecord[]): void;
};

/** Slots told one by one after a jump of the clock; a jump of days opens millions. */
const SLOTS_TOLD = 32n;

/** Who hears of slots that open and of what is settled in them. */
export function createListeners(parts: { slots: Slots; versions: AccountVersions; log: TransactionLog }) {
  const { slots, versions, log } = parts;
  const listeners = new Set<NetworkListener>();

  const tellSettled = (commitment: Commitment, after: bigint, upTo: bigint) => {
    // Only slots that are still remembered can hold transactions: all of them lie before the slot left behind.
    for (let slot = after + 1n; slot <= upTo; slot++) {
      const records = log.inSlot(slot);
      if (records.length === 0 && versions.changedIn(slot).size === 0) continue;
      for (const listener of listeners) listener.settled?.(commitment, slot, records);
    }
  };

  return {
    /** Adds a listener; gives the way to remove it. */
    add(listener: NetworkListener): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    processed(slot: bigint, records: readonly TransactionRecord[]): void {
      for (const listener of listeners) listener.settled?.("processed", slot, records);
    },
    /** The slot `from` is over, and later ones are open or over; what was final and confirmed before is told already. */
    movedOn({
      from,
      finalBefore,
      confirmedBefore,
    }: Record<"from" | "finalBefore" | "confirmedBefore", bigint>): void {
      const now = slots.current();
      const firstTold = now - from > SLOTS_TOLD ? now - SLOTS_TOLD : from;
      for (let slot = firstTold + 1n; slot <= now; slot++) {
        for (const listener of listeners) listener.slotOpened?.(slot, slot - 1n, finalOf(slot, slots));
      }
      tellSettled("confirmed", confirmedBefore, min(from, slots.at("confirmed")));
      tellSettled("finalized", finalBefore, min(from, slots.at("finalized")));
    },
  };
}

/** The newest final slot when `slot` was the open one. */
function finalOf(slot: bigint, slots: Slots): bigint {
  return slot - (slots.current() - slots.at("finalized"));
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
