import { type Address, type EncodedAccount, unwrapOption } from "@solana/kit";
import type { Token } from "@solana-program/token";
import type { LocalNetwork } from "../network.ts";
import { readMint, readToken, TOKEN_PROGRAMS, uiAmount } from "../tokens.ts";
import { type MethodTable, readView, withContext } from "./context.ts";
import { encodeAccount, readAccountForm } from "./encode-account.ts";
import { invalidParam } from "./errors.ts";
import { isObject, readAddress, readConfig } from "./parameters.ts";

/** Methods that read SPL token accounts and mints. */
export const tokenMethods: MethodTable = {
  getTokenAccountBalance(network, [address, config]) {
    const asked = readAddress(address, "tokenAccount");
    const { commitment, slot } = readView(network, readConfig(config));
    const token = readToken(network.account(asked, commitment));
    if (token === undefined) throw invalidParam("tokenAccount", asked, "the address of a token account");
    const decimals = readMint(network.account(token.mint, commitment))?.decimals ?? 0;
    return withContext(slot, uiAmount(token.amount, decimals));
  },

  getTokenSupply(network, [address, config]) {
    const asked = readAddress(address, "mint");
    const { commitment, slot } = readView(network, readConfig(config));
    const mint = readMint(network.account(asked, commitment));
    if (mint === undefined) throw invalidParam("mint", asked, "the address of a mint");
    return withContext(slot, uiAmount(mint.supply, mint.decimals));
  },

  getTokenAccountsByOwner: (network, [owner, filter, config]) =>
    findTokenAccounts(network, readAddress(owner, "owner"), (token) => token.owner, filter, config),

  getTokenAccountsByDelegate: (network, [delegate, filter, config]) =>
    findTokenAccounts(
      network,
      readAddress(delegate, "delegate"),
      (token) => unwrapOption(token.delegate),
      filter,
      config,
    ),

  /** The 20 accounts that hold most of a mint, largest first. */
  getTokenLargestAccounts(network, [address, config]) {
    const asked = readAddress(address, "mint");
    const { commitment, slot } = readView(network, readConfig(config));
    const account = network.account(asked, commitment);
    const mint = readMint(account);
    if (account === null || mint === undefined) throw invalidParam("mint", asked, "the address of a mint");
    const holders = network.programAccounts(account.programAddress, commitment).flatMap((holder) => {
      const token = readToken(holder);
      return token?.mint === asked ? [{ address: holder.address, amount: token.amount }] : [];
    });
    holders.sort((a, b) => (a.amount < b.amount ? 1 : a.amount > b.amount ? -1 : 0));
    return withContext(
      slot,
      holders
        .slice(0, LARGEST)
        .map((holder) => ({ address: holder.address, ...uiAmount(holder.amount, mint.decimals) })),
    );
  },
};

const LARGEST = 20;

function findTokenAccounts(
  network: LocalNetwork,
  wallet: Address,
  holder: (token: Token) => Address | null,
  filter: unknown,
  config: unknown,
) {
  const passes = readOwnerFilter(filter);
  const options = readConfig(config);
  const form = readAccountForm(options);
  const { commitment, slot } = readView(network, options);
  const value = TOKEN_PROGRAMS.flatMap((program) => network.programAccounts(program, commitment))
    .filter((account) => {
      const token = readToken(account);
      return token !== undefined && holder(token) === wallet && passes(account);
    })
    .map((account) => ({
      pubkey: account.address,
      account: encodeAccount(account, form, (key) => network.account(key, commitment)),
    }));
  return withContext(slot, value);
}

function readOwnerFilter(filter: unknown): (account: EncodedAccount) => boolean {
  if (isObject(filter) && filter.mint !== undefined) {
    const mint = readAddress(filter.mint, "filter.mint");
    return (account) => readToken(account)?.mint === mint;
  }
  if (isObject(filter) && filter.programId !== undefined) {
    const program = readAddress(filter.programId, "filter.programId");
    if (!TOKEN_PROGRAMS.includes(program))
      throw invalidParam("filter.programId", program, TOKEN_PROGRAMS.join(", "));
    return (account) => account.programAddress === program;
  }
  throw invalidParam("filter", filter, '{"mint": address} or {"programId": address}');
}
