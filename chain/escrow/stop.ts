import type { Address, Instruction, TransactionSigner } from "@solana/kit";
import { paymentAccountOf } from "../tokens/currency.ts";
import type { EscrowState } from "./escrow-state.ts";
import { getEndLeaseInstruction } from "./generated/instructions/endLease.ts";
import { getStopInstruction } from "./generated/instructions/stop.ts";

/**
 * Ends all leases now and returns to the engineer what none of them can have earned; the rest follows with the final
 * reading, or 24 hours later by anybody's `closeEscrowInstruction`.
 */
export async function stopInstruction(terms: {
  engineer: TransactionSigner;
  escrow: EscrowState;
  /** A token account of the engineer's wallet; its associated one, or in SOL the wallet, where not given. */
  engineerTokens?: Address;
}): Promise<Instruction> {
  const { engineer, escrow } = terms;
  return getStopInstruction({
    engineer,
    escrow: escrow.address,
    vault: escrow.vault,
    engineerTokens: terms.engineerTokens ?? (await paymentAccountOf(escrow.engineer, escrow.mint)),
    openedSlot: escrow.openedSlot,
  });
}

/** Ends one lease now, by its position. Readings for the time before still count. */
export function endLeaseInstruction(terms: {
  /** The engineer, or the delegate that the engineer named. */
  signer: TransactionSigner;
  escrow: EscrowState;
  lease: number;
}): Instruction {
  const { signer, escrow, lease } = terms;
  return getEndLeaseInstruction({
    ...{ signer, lease },
    escrow: escrow.address,
    openedSlot: escrow.openedSlot,
  });
}
