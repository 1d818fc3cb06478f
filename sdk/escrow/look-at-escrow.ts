import {
  type Chain,
  chainTime,
  type EscrowState,
  owedInAll,
  refundAtClose,
  releasedAt,
  stillToEarn,
} from "@ionet/chain";
import type { Address } from "@solana/kit";
import { currencyIn, requireEscrow, requireNetwork } from "./find-escrow.ts";

/** An escrow and what follows from it now. Amounts in base units, times in Unix seconds of the chain. */
export type EscrowLook = {
  escrow: EscrowState;
  decimals: number;
  now: number;
  /** Earned and not sent, to suppliers and treasury. */
  owed: bigint;
  /** What its leases can earn at most from here on. */
  stillToEarn: bigint;
  /** What returns to the engineer if nothing more is earned. */
  refundable: bigint;
  /** From when on anybody may have it closed; 0 when that is so already. */
  closableAt: number;
};

/** Reads an escrow from the chain alone. Throws `not-found`, `wrong-network`, or the chain's own error. */
export async function lookAtEscrow(chain: Chain, at: Address): Promise<EscrowLook> {
  const escrow = await requireEscrow(chain, at);
  const { decimals } = currencyIn(await requireNetwork(chain), escrow);
  const now = await chainTime(chain, "confirmed");
  const releases = releasedAt(escrow);
  return {
    escrow,
    decimals,
    now,
    owed: owedInAll(escrow),
    stillToEarn: stillToEarn(escrow),
    refundable: refundAtClose(escrow),
    closableAt: escrow.status === "final" || releases <= now ? 0 : releases,
  };
}
