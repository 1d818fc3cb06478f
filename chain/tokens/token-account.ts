import type { Address, Commitment, Instruction, TransactionSigner } from "@solana/kit";
import {
  AccountState,
  getCreateAssociatedTokenIdempotentInstruction,
  getTokenDecoder,
  getTokenSize,
  TOKEN_PROGRAM_ADDRESS,
} from "@solana-program/token";
import { readAccount } from "../rpc/account-bytes.ts";
import type { Chain } from "../rpc/connect.ts";
import { tokenAccountOf } from "./token-address.ts";

/** Makes a wallet's associated token account; does nothing where it is there. */
export async function createTokenAccountInstruction(terms: {
  payer: TransactionSigner;
  wallet: Address;
  mint: Address;
}): Promise<Instruction> {
  const { payer, wallet, mint } = terms;
  const ata = await tokenAccountOf(wallet, mint);
  return getCreateAssociatedTokenIdempotentInstruction({ payer, ata, owner: wallet, mint });
}

export type TokenAccount = { owner: Address; mint: Address; amount: bigint; frozen: boolean };

/** A token account, or null when there is none at the address. Throws ChainErrors. */
export async function readTokenAccount(
  chain: Chain,
  at: Address,
  commitment: Commitment,
): Promise<TokenAccount | null> {
  const account = await readAccount(chain, at, commitment);
  if (account?.owner !== TOKEN_PROGRAM_ADDRESS || account.data.length !== getTokenSize()) return null;
  const { owner, mint, amount, state } = getTokenDecoder().decode(account.data);
  return { owner, mint, amount, frozen: state === AccountState.Frozen };
}

/** The base units in a wallet's associated token account, or null when it has none. Throws ChainErrors. */
export async function tokenBalance(
  chain: Chain,
  wallet: Address,
  mint: Address,
  commitment: Commitment,
): Promise<bigint | null> {
  const account = await readTokenAccount(chain, await tokenAccountOf(wallet, mint), commitment);
  return account?.amount ?? null;
}
