import type { Instruction, TransactionSigner } from "@solana/kit";
import { paymentAccountOf } from "../tokens/currency.ts";
import type { EscrowState } from "./escrow-state.ts";
import { getTopUpInstruction } from "./generated/instructions/topUp.ts";

export type TopUp = {
  /** Anybody. */
  payer: TransactionSigner;
  escrow: EscrowState;
  /** Base units; at least what the extended leases can cost more: see `topUpCost`. */
  amount: bigint;
  /** By how much each lease is extended. */
  seconds: number;
  /** Positions of the leases to extend; every one that runs where not given. */
  leases?: readonly number[];
};

const SECONDS_PER_HOUR = 3_600n;

/** Adds funds from the payer's associated token account, or in SOL from its wallet, and extends leases. */
export async function topUpInstruction(terms: TopUp): Promise<Instruction> {
  const { payer, escrow, amount, seconds } = terms;
  return getTopUpInstruction({
    ...{ payer, amount, seconds },
    payerTokens: await paymentAccountOf(payer.address, escrow.mint),
    escrow: escrow.address,
    vault: escrow.vault,
    mint: escrow.mint,
    openedSlot: escrow.openedSlot,
    leases: (terms.leases ?? []).reduce((mask, lease) => mask | (1n << BigInt(lease)), 0n),
  });
}

/** What extending leases by so many seconds costs at most: the least that a top-up for it must bring, base units. */
export function topUpCost(terms: Pick<TopUp, "escrow" | "seconds" | "leases">): bigint {
  const budget = (rate: bigint, seconds: number) =>
    (rate * BigInt(seconds) + SECONDS_PER_HOUR - 1n) / SECONDS_PER_HOUR;
  return terms.escrow.leases.reduce((sum, { ratePerHour, maxSeconds, endedAt }, position) => {
    const extended = terms.leases === undefined ? endedAt === null : terms.leases.includes(position);
    if (!extended) return sum;
    return sum + budget(ratePerHour, maxSeconds + terms.seconds) - budget(ratePerHour, maxSeconds);
  }, 0n);
}
