import type { Address, EncodedAccount } from "@solana/kit";
import type { LiteSVM } from "litesvm";
import type { AccountState, AccountVersions } from "./account-versions.ts";
import type { Commitment, Slots } from "./slots.ts";
import { SYSVAR_OWNER, sysvarAt } from "./sysvars.ts";

/** Accounts as the SVM has them now. */
export const newestOf =
  (svm: LiteSVM) =>
  (address: Address): AccountState => {
    const account = svm.getAccount(address);
    return account.exists ? account : null;
  };

/** Accounts as they were at the end of a slot that is remembered, or at a commitment. */
export function readAccounts(svm: LiteSVM, parts: { slots: Slots; versions: AccountVersions }) {
  const { slots, versions } = parts;
  const accountAt = (address: Address, slot: bigint): AccountState => {
    const account = versions.at(address, slot);
    const sysvar = sysvarAt(slots, address, slot);
    return account === null || sysvar === undefined ? account : { ...account, data: sysvar };
  };
  return {
    accountAt,
    account: (address: Address, commitment: Commitment): AccountState =>
      accountAt(address, slots.at(commitment)),
    programAccounts(program: Address, commitment: Commitment): EncodedAccount[] {
      const slot = slots.at(commitment);
      const found = new Map(svm.getProgramAccounts(program).map((account) => [account.address, account]));
      for (const address of versions.changedAfter(slot)) {
        const then = versions.at(address, slot);
        if (then?.programAddress === program) found.set(address, then);
        else found.delete(address);
      }
      if (program !== SYSVAR_OWNER) return [...found.values()];
      return [...found.keys()].flatMap((address) => accountAt(address, slot) ?? []);
    },
  };
}
