import type { Address, Instruction } from "@solana/kit";
import { paymentAccountOf } from "../tokens/currency.ts";
import type { EscrowState } from "./escrow-state.ts";
import { getCloseEscrowInstruction } from "./generated/instructions/closeEscrow.ts";

/**
 * Returns to the engineer what nobody can earn any more, and closes the escrow when nothing is owed. Anybody
 * may send it, once a final reading was applied or its release time has come.
 */
export async function closeEscrowInstruction(terms: {
  escrow: EscrowState;
  /** A token account of the engineer's wallet; its associated one, or in SOL the wallet, where not given. */
  engineerTokens?: Address;
}): Promise<Instruction> {
  const { escrow } = terms;
  return getCloseEscrowInstruction({
    escrow: escrow.address,
    vault: escrow.vault,
    engineerTokens: terms.engineerTokens ?? (await paymentAccountOf(escrow.engineer, escrow.mint)),
    rentPayer: escrow.rentPayer,
  });
}
