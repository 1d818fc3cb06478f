import type { Instruction } from "@solana/kit";
import { tokenAccountOf } from "./addresses.ts";
import type { EscrowState } from "./escrow-state.ts";
import { getCloseEscrowInstruction } from "./generated/escrow/instructions/closeEscrow.ts";

/**
 * Returns to the engineer what nobody can earn any more, and closes the escrow when nothing is owed. Anybody
 * may send it, once a final reading was applied or its release time has come.
 */
export async function closeEscrowInstruction({ escrow }: { escrow: EscrowState }): Promise<Instruction> {
  return getCloseEscrowInstruction({
    escrow: escrow.address,
    vault: escrow.vault,
    engineerTokens: await tokenAccountOf(escrow.engineer, escrow.mint),
    rentPayer: escrow.rentPayer,
  });
}
