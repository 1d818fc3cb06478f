import type { Address, Instruction, TransactionSigner } from "@solana/kit";
import { paymentAccountOf } from "../tokens/currency.ts";
import type { EscrowState } from "./escrow-state.ts";
import { getSettleAgreedInstructionAsync } from "./generated/instructions/settleAgreed.ts";

/**
 * Pays one lease the seconds that the engineer and its supplier both sign for, without a meter: no fewer than were
 * accepted already, no more than have passed or its budget holds.
 */
export async function settleAgreedInstruction(terms: {
  engineer: TransactionSigner;
  supplier: TransactionSigner;
  escrow: EscrowState;
  lease: number;
  /** Since the lease's start, as in a reading. */
  seconds: number;
  /** The network's treasury wallet. */
  treasury: Address;
}): Promise<Instruction> {
  const { engineer, supplier, escrow, lease, seconds, treasury } = terms;
  return await getSettleAgreedInstructionAsync({
    ...{ engineer, supplier, lease, seconds },
    escrow: escrow.address,
    vault: escrow.vault,
    supplierTokens: await paymentAccountOf(supplier.address, escrow.mint),
    treasuryTokens: await paymentAccountOf(treasury, escrow.mint),
    openedSlot: escrow.openedSlot,
  });
}
