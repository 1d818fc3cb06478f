import { type Address, address } from "@solana/kit";
import { tokenAccountOf } from "./token-address.ts";

/** Stands for SOL itself where a mint is asked for: lamports, no token accounts. The system program's address. */
export const NATIVE_SOL: Address = address("11111111111111111111111111111111");

/** Whether amounts of this mint are lamports. */
export const isNative = (mint: Address): boolean => mint === NATIVE_SOL;

/** Where a wallet is paid in a currency: its associated token account, or for SOL the wallet itself. */
export async function paymentAccountOf(wallet: Address, mint: Address): Promise<Address> {
  return isNative(mint) ? wallet : await tokenAccountOf(wallet, mint);
}
