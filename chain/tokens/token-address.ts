import type { Address } from "@solana/kit";
import { findAssociatedTokenPda, TOKEN_PROGRAM_ADDRESS } from "@solana-program/token";

/** The associated token account of a wallet for an SPL mint. */
export async function tokenAccountOf(wallet: Address, mint: Address): Promise<Address> {
  return (await findAssociatedTokenPda({ owner: wallet, mint, tokenProgram: TOKEN_PROGRAM_ADDRESS }))[0];
}
