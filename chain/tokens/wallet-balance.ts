import type { Address, Commitment } from "@solana/kit";
import type { Chain } from "../rpc/connect.ts";
import { asChainError } from "../rpc/errors.ts";
import { isNative } from "./currency.ts";
import { tokenBalance } from "./token-account.ts";

/**
 * What a wallet can pay in a currency, in base units: for SOL its lamports, else what its associated token account
 * holds; null when it has no such account. Throws ChainErrors.
 */
export async function walletBalance(
  chain: Chain,
  wallet: Address,
  mint: Address,
  commitment: Commitment,
): Promise<bigint | null> {
  if (!isNative(mint)) return await tokenBalance(chain, wallet, mint, commitment);
  const { value } = await chain.rpc
    .getBalance(wallet, { commitment })
    .send()
    .catch((cause: unknown) => {
      throw asChainError(chain, cause);
    });
  return value;
}
