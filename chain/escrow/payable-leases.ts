import { type Commitment, getBase64Encoder } from "@solana/kit";
import { AccountState, getTokenDecoder, getTokenSize, TOKEN_PROGRAM_ADDRESS } from "@solana-program/token";
import type { Chain } from "../rpc/connect.ts";
import { asChainError } from "../rpc/errors.ts";
import { isNative, paymentAccountOf } from "../tokens/currency.ts";
import type { EscrowState } from "./escrow-state.ts";

/**
 * Positions of the leases whose supplier's associated token account takes transfers now: what to pass to
 * `settleInstructions` as `payLeases`. The program skips missing and frozen accounts by itself, but refuses one
 * that belongs to another wallet; so a supplier that gave its account away would hold up all others.
 * Throws ChainErrors.
 */
export async function payableLeases(
  chain: Chain,
  escrow: EscrowState,
  commitment: Commitment,
): Promise<number[]> {
  // The program skips by itself a wallet that lamports can't be paid to.
  if (isNative(escrow.mint)) return escrow.leases.map((_, position) => position);
  const addresses = await Promise.all(
    escrow.leases.map(({ supplier }) => paymentAccountOf(supplier, escrow.mint)),
  );
  const { value } = await chain.rpc
    .getMultipleAccounts(addresses, { commitment, encoding: "base64" })
    .send()
    .catch((cause: unknown) => {
      throw asChainError(chain, cause);
    });
  return escrow.leases.flatMap(({ supplier }, position) => {
    const account = value[position] ?? null;
    if (account?.owner !== TOKEN_PROGRAM_ADDRESS) return [];
    const data = getBase64Encoder().encode(account.data[0]);
    if (data.length !== getTokenSize()) return [];
    const { owner, mint, state } = getTokenDecoder().decode(data);
    return owner === supplier && mint === escrow.mint && state === AccountState.Initialized ? [position] : [];
  });
}
