import { type Chain, type EscrowState, isNative, payableLamports, payableLeases } from "@ionet/chain";
import type { Address } from "@solana/kit";
import type { Owed } from "../model.ts";

/** Who of an escrow's payees can take money now. */
export type Payable = { payLeases: number[]; treasuryPayable: boolean; engineerPayable: boolean };

/**
 * Looks which of the leases to pay, the treasury and the engineer can take what is theirs: in tokens by their token
 * accounts, in SOL by whether the wallet ends above rent exemption. A supplier that can't holds nobody else up: its
 * share waits in the escrow. Throws ChainErrors.
 */
export async function lookWhoIsPayable(
  chain: Chain,
  escrow: EscrowState,
  { payLeases, owed, treasury }: { payLeases: readonly number[]; owed: Owed; treasury: Address },
): Promise<Payable> {
  return isNative(escrow.mint)
    ? await inLamports(chain, escrow, { payLeases, owed, treasury })
    : await inTokens(chain, escrow, { payLeases, treasury });
}

async function inLamports(
  chain: Chain,
  escrow: EscrowState,
  { payLeases, owed, treasury }: { payLeases: readonly number[]; owed: Owed; treasury: Address },
): Promise<Payable> {
  // In the order in which the program pays: a wallet with several leases has the first one's lamports for the next.
  const payments = [
    ...payLeases.map((index) => ({
      wallet: escrow.leases[index]?.supplier ?? treasury,
      amount: owed.leases.get(index) ?? 0n,
    })),
    { wallet: treasury, amount: owed.fee },
    { wallet: escrow.engineer, amount: owed.refund },
  ];
  const taken = await payableLamports(chain, payments, "confirmed");
  return {
    payLeases: payLeases.filter((_, position) => taken[position]),
    treasuryPayable: taken[payLeases.length] ?? false,
    engineerPayable: taken[payLeases.length + 1] ?? false,
  };
}

async function inTokens(
  chain: Chain,
  escrow: EscrowState,
  { payLeases, treasury }: { payLeases: readonly number[]; treasury: Address },
): Promise<Payable> {
  // What is asked of a lease's wallet is asked of the others', as if each had a lease.
  const others = [escrow.engineer, treasury];
  const asked = escrow.leases.flatMap((lease, index) =>
    index === 0 ? [lease, ...others.map((supplier) => ({ ...lease, supplier }))] : [lease],
  );
  const found = await payableLeases(chain, { ...escrow, leases: asked }, "confirmed");
  const payable = new Set(found.flatMap((index) => asked[index]?.supplier ?? []));
  return {
    payLeases: payLeases.filter((index) => payable.has(escrow.leases[index]?.supplier ?? treasury)),
    treasuryPayable: payable.has(treasury),
    engineerPayable: payable.has(escrow.engineer),
  };
}
