import { type Chain, escrowAddress, openEscrowInstruction, readEscrow, send } from "@ionet/chain";
import { problem, type Quote, type Reservation } from "@ionet/protocol";
import { address, type TransactionSigner } from "@solana/kit";
import { requireApproved, requireApprovedCurrency, requireExactDeposit } from "./approved-terms.ts";
import type { Ionet } from "./client.ts";
import { payingNetwork, requireBalance, requireTaken } from "./payable.ts";

export type OpenedEscrow = {
  address: string;
  /** Null when the escrow was there already: opening twice opens once. */
  signature: string | null;
  deposited: bigint;
};

/**
 * Opens and funds a reservation's escrow with the engineer's own signature, after checking that nothing is off:
 * the terms, the chain the wallet is on, the program, the mint, the balance, the hold. Nothing is sent when a check fails.
 * Throws `forbidden` (the reservation is not the quote, or asks for more than its leases can cost), `wrong-network`, `wallet-cannot-pay`, `quote-expired`, `chain-unavailable`, or the chain's own error.
 *
 * `quote` is what the engineer approved: with it the reservation must be the same. `chain` is the engineer's own Solana endpoint; left out, the one that the control plane names.
 */
export async function openEscrow(
  ionet: Ionet,
  signer: TransactionSigner,
  reservation: Reservation,
  options: { quote?: Quote; chain?: Chain; signal?: AbortSignal } = {},
): Promise<OpenedEscrow> {
  const { quote } = options;
  requireExactDeposit(reservation);
  if (quote) requireApproved(quote, reservation);
  const { network, chain } = await payingNetwork(ionet, options.chain);
  const { escrow } = reservation;
  const at = address(escrow.address);
  requireTaken(network, escrow.mint);
  if (quote) requireApprovedCurrency(quote, reservation, network);
  const expected = await escrowAddress(signer.address, escrow.number);
  if (expected !== at) {
    throw problem("wrong-network", {
      detail: "the reservation's escrow is not the one this wallet would open",
      field: "escrow",
      given: at,
      allowed: `${expected} (escrow ${escrow.number} of ${signer.address})`,
      next: "fund with the wallet that booked",
    });
  }
  const there = await readEscrow(chain, at, "confirmed");
  if (there) return { address: at, signature: null, deposited: there.deposited };
  await requireHeld(ionet, reservation);
  await requireBalance({ network, chain }, signer.address, escrow);
  const instruction = await openEscrowInstruction({
    engineer: signer,
    id: escrow.number,
    mint: address(escrow.mint),
    deposit: escrow.deposit,
    leases: reservation.leases.map((lease) => ({
      supplier: address(lease.supplier),
      ratePerHour: lease.ratePerHour,
      maxSeconds: lease.maxSeconds,
    })),
  });
  const { signature } = await send(chain, {
    payer: signer,
    instructions: [instruction],
    commitment: "confirmed",
    ...(options.signal ? { abortSignal: options.signal } : {}),
  });
  return { address: at, signature, deposited: escrow.deposit };
}

async function requireHeld(ionet: Ionet, reservation: Reservation): Promise<void> {
  const now = await ionet.getReservation({ params: { reservationId: reservation.id } });
  if (now.state === "held" || now.state === "funded") return;
  throw problem("quote-expired", {
    detail: `the reservation is ${now.state}${now.reason ? `: ${now.reason}` : ""}; nothing was sent`,
    field: "reservation",
    given: `${now.id}, held until ${now.expiresAt}`,
    allowed: "a reservation that is still held",
    next: "ask for a new quote and book again",
  });
}
