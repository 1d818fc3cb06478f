import { type EncodedAccount, unwrapOption } from "@solana/kit";
import { getMultisigDecoder, getMultisigSize } from "@solana-program/token";
import type { ReadAccount } from "../../execution.ts";
import { SYSTEM_PROGRAM } from "../../genesis.ts";
import { readMint, readToken } from "../../tokens.ts";
import type { Parsed } from "./parsed.ts";
import { amountsOf } from "./token-amount.ts";
import { accountState, describeExtension, extensionsOf } from "./token-extensions.ts";

/** A token account, a mint or a multisig; an account whose mint is not there is not parsed, as its decimals are. */
export function parseToken(account: EncodedAccount, read: ReadAccount): Parsed | undefined {
  return parseTokenAccount(account, read) ?? parseMint(account) ?? parseMultisig(account);
}

function parseTokenAccount(account: EncodedAccount, read: ReadAccount): Parsed | undefined {
  const token = readToken(account);
  const show = token && amountsOf(token.mint, read);
  if (token === undefined || show === undefined) return undefined;
  const delegate = unwrapOption(token.delegate);
  const closeAuthority = unwrapOption(token.closeAuthority);
  const reserve = unwrapOption(token.isNative);
  const info = {
    isNative: reserve !== null,
    mint: token.mint,
    owner: token.owner,
    state: accountState(token.state),
    tokenAmount: show(token.amount),
    ...(delegate === null ? {} : { delegate, delegatedAmount: show(token.delegatedAmount) }),
    ...(reserve === null ? {} : { rentExemptReserve: show(reserve) }),
    ...(closeAuthority === null ? {} : { closeAuthority }),
    ...describeExtensions(account),
  };
  return { type: "account", info };
}

function parseMint(account: EncodedAccount): Parsed | undefined {
  const mint = readMint(account);
  if (mint === undefined) return undefined;
  const info = {
    decimals: mint.decimals,
    freezeAuthority: unwrapOption(mint.freezeAuthority),
    isInitialized: mint.isInitialized,
    mintAuthority: unwrapOption(mint.mintAuthority),
    supply: mint.supply.toString(),
    ...describeExtensions(account),
  };
  return { type: "mint", info };
}

function parseMultisig({ data }: EncodedAccount): Parsed | undefined {
  if (data.length !== getMultisigSize()) return undefined;
  const { m, n, isInitialized, signers } = getMultisigDecoder().decode(data);
  if (!isInitialized) return undefined;
  const info = {
    isInitialized,
    numRequiredSigners: m,
    numValidSigners: n,
    signers: signers.filter((signer) => signer !== SYSTEM_PROGRAM),
  };
  return { type: "multisig", info };
}

function describeExtensions({ data }: EncodedAccount) {
  const extensions = extensionsOf(data).map(describeExtension);
  return extensions.length === 0 ? {} : { extensions };
}
