import type { Address, EncodedAccount } from "@solana/kit";

/** An account's state, or null where there is none. */
export type AccountState = EncodedAccount | null;

/**
 * What accounts were before the slots that are not final yet, so that a reader who asks for `confirmed` or
 * `finalized` is not shown what may still be unsettled. The newest state is the SVM's own; this is the way back.
 */
export type AccountVersions = {
  /** Notes an account's state before its first write in a slot; later writes of that slot change nothing. */
  beforeWrite(address: Address, slot: bigint, before: AccountState): void;
  /** The account as it was at the end of `slot`. */
  at(address: Address, slot: bigint): AccountState;
  changedIn(slot: bigint): ReadonlySet<Address>;
  /** All accounts written after `slot`: the ones whose newest state is not their state at `slot`. */
  changedAfter(slot: bigint): Set<Address>;
  /** Drops what is only needed to read slots before `slot`. */
  forgetBefore(slot: bigint): void;
};

export function createAccountVersions(newest: (address: Address) => AccountState): AccountVersions {
  const bySlot = new Map<bigint, Map<Address, AccountState>>();
  const none: ReadonlySet<Address> = new Set();
  return {
    beforeWrite(address, slot, before) {
      const writes = bySlot.get(slot) ?? new Map<Address, AccountState>();
      bySlot.set(slot, writes);
      if (!writes.has(address)) writes.set(address, before);
    },
    at(address, slot) {
      // Slots are noted in rising order: the first later write holds what the account was before it.
      for (const [written, writes] of bySlot) {
        const before = written > slot ? writes.get(address) : undefined;
        if (before !== undefined) return before;
      }
      return newest(address);
    },
    changedIn: (slot) => new Set(bySlot.get(slot)?.keys() ?? none),
    changedAfter(slot) {
      const changed = new Set<Address>();
      for (const [written, writes] of bySlot) {
        if (written > slot) for (const address of writes.keys()) changed.add(address);
      }
      return changed;
    },
    forgetBefore(slot) {
      for (const written of bySlot.keys()) {
        if (written > slot) break;
        bySlot.delete(written);
      }
    },
  };
}
