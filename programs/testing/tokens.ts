import { tokenAccountOf } from "@ionet/chain";
import { type Address, address, lamports } from "@solana/kit";
import { AccountState, getMintEncoder, getTokenEncoder, TOKEN_PROGRAM_ADDRESS } from "@solana-program/token";
import type { LiteSVM } from "litesvm";

export const TOKEN_2022 = address("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");

/** Puts a mint on chain, of the classic token program unless told otherwise. */
export function putMint(svm: LiteSVM, mint: Address, owner: Address = TOKEN_PROGRAM_ADDRESS): void {
  const data = getMintEncoder().encode({
    mintAuthority: null,
    supply: 2n ** 64n - 1n,
    decimals: 6,
    isInitialized: true,
    freezeAuthority: null,
  });
  put(svm, mint, owner, new Uint8Array(data));
}

export type TokenAccountTerms = {
  mint: Address;
  wallet: Address;
  amount?: bigint;
  state?: AccountState;
  /** Where the account lies; the associated address unless told otherwise. */
  at?: Address;
};

/** Puts a token account on chain, or changes the one that is there. */
export async function putTokens(svm: LiteSVM, terms: TokenAccountTerms): Promise<Address> {
  const { mint, wallet, amount = 0n, state = AccountState.Initialized } = terms;
  const at = terms.at ?? (await tokenAccountOf(wallet, mint));
  const none = { delegate: null, isNative: null, delegatedAmount: 0n, closeAuthority: null };
  const data = getTokenEncoder().encode({ mint, owner: wallet, amount, state, ...none });
  put(svm, at, TOKEN_PROGRAM_ADDRESS, new Uint8Array(data));
  return at;
}

/** Takes an account off the chain. */
export function remove(svm: LiteSVM, at: Address): void {
  svm.setAccount({
    address: at,
    data: new Uint8Array(),
    executable: false,
    lamports: lamports(0n),
    programAddress: address("11111111111111111111111111111111"),
    space: 0n,
  });
}

/** Where a token account keeps its amount, behind mint and owner. */
const AMOUNT_AT = 64;

/** The base units in a token account; null when there is none. */
export function tokensAt(svm: LiteSVM, at: Address): bigint | null {
  const account = svm.getAccount(at);
  if (!account.exists || account.data.length === 0) return null;
  // Read alone: decoding the account's addresses too is a quarter of what a random sequence takes.
  return new DataView(account.data.buffer, account.data.byteOffset).getBigUint64(AMOUNT_AT, true);
}

function put(svm: LiteSVM, at: Address, owner: Address, data: Uint8Array): void {
  const space = BigInt(data.length);
  svm.setAccount({
    address: at,
    data,
    executable: false,
    lamports: lamports(svm.minimumBalanceForRentExemption(space)),
    programAddress: owner,
    space,
  });
}
