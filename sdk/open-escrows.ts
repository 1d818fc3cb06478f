import { type Chain, escrowAddress, openEscrowInstruction, readEscrows, send } from "@ionet/chain";
import {
  errorText,
  leasesOfEscrow,
  type Problem,
  problem,
  type Quote,
  type Reservation,
  type ReservedEscrow,
  sum,
} from "@ionet/protocol";
import { address, type TransactionSigner } from "@solana/kit";
import { requireApproved, requireApprovedCurrency, requireExactDeposits } from "./approved-terms.ts";
import type { Ionet } from "./client.ts";
import { payingNetwork, requireBalance, requireTaken } from "./payable.ts";

export type OpenedEscrow = {
  address: string;
  /** Null when the escrow was there already: opening twice opens once. */
  signature: string | null;
  deposited: bigint;
};

/** Whether any escrow of a reservation is there already, as far as the chain can be asked. */
export async function anyOpened(
  ionet: Ionet,
  { escrows }: Pick<Reservation, "escrows">,
  own?: Chain,
): Promise<boolean> {
  try {
    const { chain } = await payingNetwork(ionet, own);
    const places = escrows.map((escrow) => address(escrow.address));
    return (await readEscrows(chain, places, "confirmed")).size > 0;
  } catch {
    return false;
  }
}

/**
 * Opens and funds a reservation's escrows with the engineer's own signature, one transaction each, after checking that
 * nothing is off: the terms, the chain the wallet is on, the program, the mint, the balance, the hold. Nothing is sent
 * when a check fails. Those that are there already are left as they are: called again after a failure or a crash, while
 * the reservation is held, it opens the missing ones.
 * Throws `forbidden` (the reservation is not the quote, or asks for more than its leases can cost), `wrong-network`,
 * `wallet-cannot-pay`, `quote-expired`, `chain-unavailable`, or the chain's own error; and once some are funded
 * `escrows-incomplete` with that error as its cause.
 *
 * `quote` is what the engineer approved: with it the reservation must be the same. `chain` is the engineer's own Solana
 * endpoint; left out, the one that the control plane names. `onOpened` hears of each escrow as it is there.
 */
export async function openEscrows(
  ionet: Ionet,
  signer: TransactionSigner,
  reservation: Reservation,
  options: {
    quote?: Quote;
    chain?: Chain;
    signal?: AbortSignal;
    onOpened?: (escrow: OpenedEscrow) => void;
  } = {},
): Promise<OpenedEscrow[]> {
  const { quote, onOpened = () => {} } = options;
  const { escrows } = reservation;
  requireExactDeposits(reservation);
  if (quote) requireApproved(quote, reservation);
  const { network, chain } = await payingNetwork(ionet, options.chain);
  for (const { mint } of escrows) requireTaken(network, mint);
  if (quote) requireApprovedCurrency(quote, reservation, network);
  for (const escrow of escrows) await requireOwn(signer, escrow);
  const places = escrows.map((escrow) => address(escrow.address));
  const there = await readEscrows(chain, places, "confirmed");
  const missing = escrows.filter((escrow) => !there.has(address(escrow.address)));
  if (missing.length > 0) {
    await requireHeld(ionet, reservation);
    for (const [mint, ofMint] of Map.groupBy(missing, (escrow) => escrow.mint)) {
      const deposit = sum(ofMint.map((escrow) => escrow.deposit));
      const leases = ofMint.reduce((count, escrow) => count + escrow.leaseCount, 0);
      const need = { mint, deposit, escrows: ofMint.length, leases };
      await requireBalance({ network, chain }, signer.address, need);
    }
  }
  const opened: OpenedEscrow[] = [];
  for (const escrow of escrows) {
    const found = there.get(address(escrow.address));
    const one = found
      ? { address: escrow.address, signature: null, deposited: found.deposited }
      : await open({ chain, signer }, reservation, escrow, options.signal).catch((cause: unknown) => {
          const funded = escrows.length - missing.length + opened.filter(isNew).length;
          throw funded === 0 ? cause : incomplete(reservation, funded, cause);
        });
    opened.push(one);
    onOpened(one);
  }
  return opened;
}

const isNew = ({ signature }: OpenedEscrow): boolean => signature !== null;

async function open(
  { chain, signer }: { chain: Chain; signer: TransactionSigner },
  { leases }: Reservation,
  escrow: ReservedEscrow,
  abortSignal: AbortSignal | undefined,
): Promise<OpenedEscrow> {
  abortSignal?.throwIfAborted();
  const instruction = await openEscrowInstruction({
    engineer: signer,
    id: escrow.number,
    mint: address(escrow.mint),
    deposit: escrow.deposit,
    leases: leasesOfEscrow(leases, escrow).map((lease) => ({
      supplier: address(lease.supplier),
      ratePerHour: lease.ratePerHour,
      maxSeconds: lease.maxSeconds,
    })),
  });
  const { signature } = await send(chain, {
    payer: signer,
    instructions: [instruction],
    commitment: "confirmed",
    ...(abortSignal ? { abortSignal } : {}),
  });
  return { address: escrow.address, signature, deposited: escrow.deposit };
}

/** The escrow has to be the one that this wallet would open under its number. Throws `wrong-network`. */
async function requireOwn(signer: TransactionSigner, escrow: ReservedEscrow): Promise<void> {
  const expected = await escrowAddress(signer.address, escrow.number);
  if (expected === escrow.address) return;
  throw problem("wrong-network", {
    detail: "the reservation's escrow is not the one this wallet would open",
    field: "escrow",
    given: escrow.address,
    allowed: `${expected} (escrow ${escrow.number} of ${signer.address})`,
    next: "fund with the wallet that booked",
  });
}

/** Some are funded, the next was not seen to open (sent, it may still): what that means for the money, and what to do. */
function incomplete({ id, escrows, expiresAt }: Reservation, funded: number, cause: unknown): Problem {
  const why = errorText(cause);
  const error = problem("escrows-incomplete", {
    detail: `${funded} of ${escrows.length} escrows of ${id} are funded, and the next was not seen to open: ${why}`,
    next: `Open the missing ones until ${expiresAt} (openEscrows again), or do nothing: without all of them no cluster starts, and what was funded returns in full by itself.`,
  });
  error.cause = cause;
  return error;
}

async function requireHeld(ionet: Ionet, reservation: Reservation): Promise<void> {
  const now = await ionet.getReservation({ params: { reservationId: reservation.id } });
  if (now.state === "held" || now.state === "funded") return;
  throw problem("quote-expired", {
    detail: `the reservation is ${now.state}${now.reason ? `: ${now.reason}` : ""}; nothing was sent`,
    field: "reservation",
    given: `${now.id}, held until ${now.expiresAt}`,
    allowed: "a reservation that is still held",
    next: "ask for a new quote and book again; what was paid into its escrows before is refunded in full",
  });
}
