import { type Chain, isNative, readEscrow, releasedAt, stopInstruction } from "@ionet/chain";
import { problem } from "@ionet/protocol";
import type { Address, TransactionSigner } from "@solana/kit";
import { currencyIn, requireEscrow, requireNetwork } from "./find-escrow.ts";
import { ownAccount } from "./payment-account.ts";
import { sendOwn } from "./send-own.ts";

/** What an engineer's own stop did. Amounts in base units, times in Unix seconds. */
export type StoppedEscrow = {
  escrow: Address;
  outcome: "stopped" | "was-stopped";
  mint: Address;
  decimals: number;
  /** What none of the leases can have earned: it came back at once. */
  refunded: bigint;
  /** What stays for the suppliers' last readings; what they do not earn returns. */
  held: bigint;
  /** From when on anybody may have the rest returned when no final reading came. */
  closableAt: number;
  signature: string | null;
  feeLamports: bigint;
};

/**
 * Ends all leases now, on the chain itself: nothing that is delivered later is paid, whatever any control plane says.
 * Throws `not-found`, `forbidden` (only the escrow's engineer may), `account-unavailable`, `wallet-lacks-lamports`, or
 * the chain's own error.
 */
export async function stopEscrow(
  chain: Chain,
  engineer: TransactionSigner,
  at: Address,
  options: { signal?: AbortSignal } = {},
): Promise<StoppedEscrow> {
  const escrow = await requireEscrow(chain, at);
  const { mint, decimals } = currencyIn(await requireNetwork(chain), escrow);
  if (escrow.engineer !== engineer.address) {
    throw problem("forbidden", {
      detail: "only the engineer of an escrow may stop it; nothing was sent",
      field: "wallet",
      given: engineer.address,
      allowed: escrow.engineer,
      next: "sign with the engineer's wallet: --keypair FILE",
    });
  }
  if (escrow.status !== "open") {
    const nothing = { refunded: 0n, signature: null, feeLamports: 0n };
    const stands = { held: escrow.remainder, closableAt: releasedAt(escrow) };
    return { escrow: at, mint, decimals, outcome: "was-stopped", ...nothing, ...stands };
  }
  const account = await ownAccount(chain, { payer: engineer, wallet: engineer.address, mint });
  const to = account === null ? {} : { engineerTokens: account.address };
  const instructions = [...(account?.make ?? []), await stopInstruction({ engineer, escrow, ...to })];
  const receipt = await sendOwn(chain, engineer, instructions, options.signal);
  const after = await readEscrow(chain, at, "confirmed");
  const refunded = isNative(mint)
    ? (after?.refunded ?? escrow.refunded) - escrow.refunded
    : account === null
      ? 0n
      : (receipt.tokens.get(account.address) ?? 0n);
  return {
    ...{ escrow: at, mint, decimals, outcome: "stopped", refunded, held: after?.remainder ?? 0n },
    closableAt: after === null ? 0 : releasedAt(after),
    signature: receipt.signature,
    feeLamports: receipt.feeLamports,
  };
}
