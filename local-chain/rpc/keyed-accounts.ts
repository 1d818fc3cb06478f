import { type EncodedAccount, getAddressEncoder } from "@solana/kit";
import type { LocalNetwork } from "../network.ts";
import type { Commitment } from "../slots.ts";
import { TOKEN_PROGRAMS } from "../tokens.ts";
import { type AccountForm, encodeAccount } from "./encode-account.ts";
import { isObject } from "./parameters.ts";

/**
 * Accounts with their addresses, in the order of these. Of token programs' accounts, those that cannot be parsed are
 * left out where parsed ones are asked for, as a node does.
 */
export function encodeKeyed(
  network: LocalNetwork,
  accounts: readonly EncodedAccount[],
  form: AccountForm,
  commitment: Commitment,
) {
  const keyed = accounts.map((account) => ({
    account,
    bytes: Buffer.from(getAddressEncoder().encode(account.address)),
  }));
  keyed.sort((a, b) => a.bytes.compare(b.bytes));
  return keyed.flatMap(({ account }) => {
    const encoded = encodeAccount(account, form, (key) => network.account(key, commitment));
    const mustBeParsed = form.encoding === "jsonParsed" && TOKEN_PROGRAMS.includes(account.programAddress);
    if (mustBeParsed && !isObject(encoded.data)) return [];
    return { account: encoded, pubkey: account.address };
  });
}
