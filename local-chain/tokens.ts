import { type Address, address } from "@solana/kit";
import {
  getMintDecoder,
  getTokenDecoder,
  type Mint,
  type Token,
  AccountState as TokenState,
} from "@solana-program/token";
import type { AccountState } from "./account-versions.ts";

export const TOKEN_PROGRAM = address("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
export const TOKEN_2022_PROGRAM = address("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");
export const TOKEN_PROGRAMS: readonly Address[] = [TOKEN_PROGRAM, TOKEN_2022_PROGRAM];

const MINT_BYTES = 82;
const TOKEN_BYTES = 165;
const MULTISIG_BYTES = 355;
/** Longer accounts (Token-2022's extensions) say at byte 165 what they are. */
const KIND = { mint: 1, account: 2 } as const;

/** A token account's fields, or undefined where the account is none. */
export function readToken(account: AccountState): Token | undefined {
  if (account === null || !isKind(account, TOKEN_BYTES, KIND.account)) return undefined;
  const token = getTokenDecoder().decode(account.data);
  return token.state === TokenState.Uninitialized ? undefined : token;
}

/** A mint's fields, or undefined where the account is none. */
export function readMint(account: AccountState): Mint | undefined {
  if (account === null || !isKind(account, MINT_BYTES, KIND.mint)) return undefined;
  const mint = getMintDecoder().decode(account.data);
  return mint.isInitialized ? mint : undefined;
}

function isKind(account: NonNullable<AccountState>, bytes: number, kind: number): boolean {
  if (!TOKEN_PROGRAMS.includes(account.programAddress)) return false;
  const { length } = account.data;
  if (length === bytes) return true;
  return length > TOKEN_BYTES && length !== MULTISIG_BYTES && account.data[TOKEN_BYTES] === kind;
}

/** An amount as RPC clients get it: base units, decimals, and the decimal number as text without trailing zeros. */
export type UiAmount = { amount: string; decimals: number; uiAmount: number | null; uiAmountString: string };

/** 10 to the power of more decimals is beyond 64 bits: there a node gives no number. */
const MOST_DECIMALS_AS_NUMBER = 19;

export function uiAmount(amount: bigint, decimals: number): UiAmount {
  const digits = amount.toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  const uiAmountString = fraction === "" ? whole : `${whole}.${fraction}`;
  const shown = decimals > MOST_DECIMALS_AS_NUMBER ? null : Number(amount) / 10 ** decimals;
  return { amount: amount.toString(), decimals, uiAmount: shown, uiAmountString };
}
