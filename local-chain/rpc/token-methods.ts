import { type Address, type EncodedAccount, unwrapOption } from "@solana/kit";
import type { Token } from "@solana-program/token";
import type { LocalNetwork } from "../network.ts";
import type { Commitment } from "../slots.ts";
import { readMint, readToken, TOKEN_PROGRAMS } from "../tokens.ts";
import { type MethodTable, readView, withContext } from "./context.ts";
import { readAccountForm } from "./encode-account.ts";
import { invalidParam, refusedParam } from "./errors.ts";
import { encodeKeyed } from "./keyed-accounts.ts";
import { isObject, readAddress, readConfig } from "./parameters.ts";
import { amountsOf, type ShowAmount } from "./parsed/token-amount.ts";

/** Methods that read SPL token accounts and mints. */
export const tokenMethods: MethodTable = {
  getTokenAccountBalance(network, [address, config]) {
    const asked = readAddress(address, "tokenAccount");
    const { commitment, slot } = readView(network, readConfig(config));
    const account = network.account(asked, commitment);
    const refuse = (words: string) =>
      refusedParam(words, "tokenAccount", asked, "the address of a token account");
    if (account === null) throw refuse("could not find account");
    const token = readToken(account);
    if (token === undefined) throw refuse("not a Token account");
    return withContext(slot, requireMint(network, token.mint, commitment).show(token.amount));
  },

  getTokenSupply(network, [address, config]) {
    const asked = readAddress(address, "mint");
    const { commitment, slot } = readView(network, readConfig(config));
    const account = network.account(asked, commitment);
    if (account === null) throw refusedMint("could not find account", asked);
    if (!TOKEN_PROGRAMS.includes(account.programAddress)) throw refusedMint("not a Token mint", asked);
    const mint = readMint(account);
    if (mint === undefined) throw refusedMint("mint could not be unpacked", asked);
    return withContext(slot, requireMint(network, asked, commitment).show(mint.supply));
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
    const { program, show } = requireMint(network, asked, commitment);
    const holders = network.programAccounts(program, commitment).flatMap((holder) => {
      const token = readToken(holder);
      return token?.mint === asked ? [{ address: holder.address, amount: token.amount }] : [];
    });
    holders.sort((a, b) => (a.amount < b.amount ? 1 : a.amount > b.amount ? -1 : 0));
    return withContext(
      slot,
      holders.slice(0, LARGEST).map((holder) => ({ address: holder.address, ...show(holder.amount) })),
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
  const wanted = readOwnerFilter(filter);
  const options = readConfig(config);
  const form = readAccountForm(options);
  const { commitment, slot } = readView(network, options);
  const program = "mint" in wanted ? requireMint(network, wanted.mint, commitment).program : wanted.programId;
  const isWanted = (account: EncodedAccount) => {
    const token = readToken(account);
    if (token === undefined || holder(token) !== wallet) return false;
    return !("mint" in wanted) || token.mint === wanted.mint;
  };
  const found = network.programAccounts(program, commitment).filter(isWanted);
  return withContext(slot, encodeKeyed(network, found, form, commitment));
}

function readOwnerFilter(filter: unknown): { mint: Address } | { programId: Address } {
  if (isObject(filter) && filter.mint !== undefined) return { mint: readAddress(filter.mint, "filter.mint") };
  if (!isObject(filter) || filter.programId === undefined)
    throw invalidParam("filter", filter, '{"mint": address} or {"programId": address}');
  const programId = readAddress(filter.programId, "filter.programId");
  if (TOKEN_PROGRAMS.includes(programId)) return { programId };
  throw refusedParam(
    "unrecognized Token program id",
    "filter.programId",
    programId,
    TOKEN_PROGRAMS.join(", "),
  );
}

/**
 * A mint that is there: its program, and how its amounts are shown.
 *
 * @throws RpcError −32602 in a node's words where there is none
 */
function requireMint(
  network: LocalNetwork,
  mint: Address,
  commitment: Commitment,
): { program: Address; show: ShowAmount } {
  const account = network.account(mint, commitment);
  if (account === null) throw refusedMint("could not find mint", mint);
  const show = amountsOf(mint, (key) => network.account(key, commitment));
  if (show === undefined) throw refusedMint("Token mint could not be unpacked", mint);
  return { program: account.programAddress, show };
}

function refusedMint(words: string, mint: Address) {
  return refusedParam(words, "mint", mint, "the address of a mint");
}
