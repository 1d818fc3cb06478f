import { type Chain, closeEscrowInstruction, isNative, readEscrow } from "@ionet/chain";
import { problem } from "@ionet/protocol";
import type { Address, TransactionSigner } from "@solana/kit";
import { lookAtEscrow } from "./look-at-escrow.ts";
import { ownAccount } from "./payment-account.ts";
import { sendOwn } from "./send-own.ts";

/** What closing an escrow did. Amounts in base units. */
export type ClosedEscrow = {
  escrow: Address;
  /** closed: gone, and its rent returned; refunded: the engineer has the rest, and what is owed to others waits in it. */
  outcome: "closed" | "refunded" | "nothing-left";
  engineer: Address;
  mint: Address;
  decimals: number;
  /** What the engineer's account got, donations to the escrow included. */
  refunded: bigint;
  /** Owed to suppliers and treasury, who collect it. */
  waiting: bigint;
  signature: string | null;
  feeLamports: bigint;
  /** What making the engineer's token account cost the sender. */
  rentLamports: bigint;
};

/**
 * Returns to the engineer what nobody can earn any more. Anybody may: once a final reading was applied, or 24 hours after
 * the last second that could be earned. Unread seconds are not paid after it: suppliers collect first.
 *
 * Throws `not-found`, `too-early` (with the time), `account-unavailable`, `wallet-lacks-lamports`, or the chain's own error.
 */
export async function closeEscrow(
  chain: Chain,
  payer: TransactionSigner,
  at: Address,
  options: { signal?: AbortSignal } = {},
): Promise<ClosedEscrow> {
  const { escrow, decimals, closableAt, now, owed, refundable } = await lookAtEscrow(chain, at);
  const { engineer, mint } = escrow;
  if (closableAt > 0) throw tooEarly(at, now, closableAt);
  const report = { escrow: at, engineer, mint, decimals, waiting: owed };
  if (refundable === 0n && owed > 0n) {
    return {
      ...report,
      ...{ outcome: "nothing-left", refunded: 0n, signature: null, feeLamports: 0n, rentLamports: 0n },
    };
  }
  const account = await ownAccount(chain, { payer, wallet: engineer, mint });
  if (account === null) throw engineerUnpayable(engineer, mint);
  const close = await closeEscrowInstruction({ escrow, engineerTokens: account.address });
  const receipt = await sendOwn(chain, payer, [...account.make, close], options.signal);
  const { signature, feeLamports } = receipt;
  const gone = (await readEscrow(chain, at, "confirmed")) === null;
  // The engineer's wallet may have got the rent and paid the fee as well: for lamports the books say it.
  const refunded = isNative(mint) ? refundable : (receipt.tokens.get(account.address) ?? 0n);
  return {
    ...{ ...report, refunded, signature, feeLamports },
    rentLamports: account.rentLamports,
    outcome: gone ? "closed" : "refunded",
  };
}

const tooEarly = (escrow: Address, now: number, closableAt: number) =>
  problem("too-early", {
    detail: `seconds of escrow ${escrow} can still be read and paid; nothing was sent`,
    field: "time",
    given: isoTime(now),
    allowed: `from ${isoTime(closableAt)} on, 24 hours after the last second that can be earned`,
    next: "wait until then; the engineer can end its leases now with `ionet escrow stop`, or agree on the seconds with each supplier",
  });

const engineerUnpayable = (engineer: Address, mint: Address) =>
  problem("account-unavailable", {
    detail: "the engineer's token account is frozen or belongs to somebody else; nothing was sent",
    field: "engineer",
    given: engineer,
    allowed: `an account of mint ${mint} of its own that takes transfers`,
    next: "the money waits in the escrow: try again when the account takes transfers",
  });

const isoTime = (seconds: number) => new Date(seconds * 1000).toISOString();
