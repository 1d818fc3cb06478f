import { type EscrowState, readEscrow } from "@ionet/chain";
import { address, type Commitment } from "@solana/kit";
import type { ChainContext } from "../../platform/context.ts";
import type { EscrowRecord } from "../escrows/model.ts";

/**
 * The escrow as the chain has it; null when it is closed, also where another one was opened in its place since. An
 * endpoint that is behind the slot `notBefore`, its opening where not given, is not believed. Throws ChainErrors.
 */
export async function currentEscrow(
  { chain }: Pick<ChainContext, "chain">,
  escrow: Pick<EscrowRecord, "address" | "openedSlot">,
  commitment: Commitment,
  notBefore = escrow.openedSlot,
): Promise<EscrowState | null> {
  const found = await readEscrow(chain, address(escrow.address), commitment, notBefore);
  return found?.openedSlot === escrow.openedSlot ? found : null;
}
