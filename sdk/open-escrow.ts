import {
  type Chain,
  connectChain,
  ESCROW_PROGRAM,
  escrowAddress,
  genesisHash,
  openEscrowInstruction,
  readEscrow,
  send,
  tokenBalance,
} from "@ionet/chain";
import { formatUnits, type Network, problem, type Quote, type Reservation } from "@ionet/protocol";
import { address, type TransactionSigner } from "@solana/kit";
import { requireApproved, requireApprovedCurrency, requireExactDeposit } from "./approved-terms.ts";
import type { Ionet } from "./client.ts";

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
  const network = await ionet.getNetwork();
  const chain = options.chain ?? connectChain({ url: network.chain.rpcUrl, wsUrl: network.chain.wsUrl });
  const { escrow } = reservation;
  const at = address(escrow.address);
  await requireSameNetwork(chain, network);
  requireSameTerms(network, reservation);
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
  await requireBalance(chain, signer.address, reservation, network);
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

async function requireSameNetwork(chain: Chain, network: Network): Promise<void> {
  const own = await genesisHash(chain);
  if (own === network.chain.genesisHash) return;
  throw problem("wrong-network", {
    detail: "your Solana endpoint and the control plane are on different networks; nothing was sent",
    field: "rpcUrl",
    given: `${chain.url} (genesis ${own})`,
    allowed: `a network with genesis ${network.chain.genesisHash}, like ${network.chain.rpcUrl}`,
    next: "point --rpc at the control plane's network, or use the control plane of yours",
  });
}

function requireSameTerms(network: Network, { escrow }: Reservation): void {
  if (network.escrowProgram !== ESCROW_PROGRAM) {
    throw problem("wrong-network", {
      detail: "the control plane pays through another escrow program than this version of ionet",
      field: "escrowProgram",
      given: network.escrowProgram,
      allowed: ESCROW_PROGRAM,
      next: "use the version of ionet that fits this control plane",
    });
  }
  if (network.currencies.some((currency) => currency.mint === escrow.mint)) return;
  throw problem("wrong-network", {
    detail: "the reservation asks for a token that this network does not take",
    field: "mint",
    given: escrow.mint,
    allowed: network.currencies.map((currency) => `${currency.symbol} ${currency.mint}`).join(", "),
    next: "book again",
  });
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

async function requireBalance(
  chain: Chain,
  wallet: TransactionSigner["address"],
  { escrow }: Reservation,
  network: Network,
): Promise<void> {
  const there = (await tokenBalance(chain, wallet, address(escrow.mint), "confirmed")) ?? 0n;
  if (there >= escrow.deposit) return;
  const currency = network.currencies.find(({ mint }) => mint === escrow.mint);
  const text = (amount: bigint) =>
    `${formatUnits(amount, currency?.decimals ?? 6)} ${currency?.symbol ?? ""}`;
  throw problem("wallet-cannot-pay", {
    detail: `the escrow needs ${text(escrow.deposit)} and the wallet holds ${text(there)}; nothing was sent`,
    field: "deposit",
    given: text(there),
    allowed: `at least ${text(escrow.deposit)}`,
    next: `send ${text(escrow.deposit - there)} more to ${wallet} before the hold ends, or book less time or fewer GPUs`,
  });
}
