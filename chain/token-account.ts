import type { Address, Commitment, Instruction, TransactionSigner } from "@solana/kit";
import {
  getCreateAssociatedTokenIdempotentInstruction,
  getTokenDecoder,
  getTokenSize,
  TOKEN_PROGRAM_ADDRESS,
} from "@solana-program/token";
import { readAccount } from "./account-bytes.ts";
import { tokenAccountOf } from "./addresses.ts";
import type { Chain } from "./connect.ts";

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

/** The base units in a wallet's associated token account, or null when it has none. Throws ChainErrors. */
export async function tokenBalance(
  chain: Chain,
  wallet: Address,
  mint: Address,
  commitment: Commitment,
): Promise<bigint | null> {
  const account = await readAccount(chain, await tokenAccountOf(wallet, mint), commitment);
  if (account?.owner !== TOKEN_PROGRAM_ADDRESS || account.data.length !== getTokenSize()) return null;
  return getTokenDecoder().decode(account.data).amount;
}
