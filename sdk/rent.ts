import type { Chain } from "@ionet/chain";
import { type Cluster, type ClusterId, problem, type Quote, type Reservation } from "@ionet/protocol";
import type { TransactionSigner } from "@solana/kit";
import type { CallInput, Ionet } from "./client.ts";
import { type OpenedEscrow, openEscrows } from "./open-escrows.ts";
import { pause } from "./pause.ts";
import { requirePayable } from "./payable.ts";

/** What an engineer wants; only the model and the count are needed. */
export type Wanted = CallInput<"createQuote">["body"];

export type RentEvent =
  | { event: "quoted"; quote: Quote }
  | { event: "booked"; reservation: Reservation }
  | { event: "opened"; reservation: Reservation; escrow: OpenedEscrow }
  | { event: "funded"; reservation: Reservation; escrows: OpenedEscrow[] }
  | { event: "cluster"; cluster: Cluster };

export type RentOptions = {
  chain?: Chain;
  signal?: AbortSignal;
  onEvent?: (event: RentEvent) => void;
  /** For a wallet that signs only v0 transactions: the most leases of one escrow, 15 or fewer; else 50. */
  leasesPerEscrow?: number;
  /** The last look before money moves: false books nothing. */
  approve?: (quote: Quote) => Promise<boolean> | boolean;
};

export type Rented = { quote: Quote; reservation: Reservation; escrows: OpenedEscrow[]; cluster: Cluster };

/**
 * The whole way from a demand to a running cluster: quote, book, open and fund the escrows, wait until every Ray node
 * has joined. Null when `approve` said no. Nothing is booked that the wallet can't pay or that is on another network.
 * Throws the Problem of the step that failed; before `funded` nothing was paid, after it an unused deposit returns by itself.
 */
export async function rent(
  ionet: Ionet,
  signer: TransactionSigner,
  wanted: Wanted,
  options: RentOptions = {},
): Promise<Rented | null> {
  const { signal, onEvent = () => {}, approve = () => true, leasesPerEscrow } = options;
  const withSignal = signal ? { signal } : {};
  const quote = await ionet.createQuote({ body: wanted, ...withSignal });
  onEvent({ event: "quoted", quote });
  if (!(await approve(quote))) return null;
  await requirePayable(ionet, signer.address, quote, options);
  const reservation = await ionet.book({
    body: { quoteId: quote.id, ...(leasesPerEscrow === undefined ? {} : { leasesPerEscrow }) },
    ...withSignal,
  });
  onEvent({ event: "booked", reservation });
  const started = await fundAndStart(ionet, signer, reservation, { ...options, quote });
  return { quote, ...started };
}

/** From a held reservation to a running cluster. `quote`: what was approved, where there is one. */
export async function fundAndStart(
  ionet: Ionet,
  signer: TransactionSigner,
  reservation: Reservation,
  options: Omit<RentOptions, "approve"> & { quote?: Quote },
): Promise<Omit<Rented, "quote">> {
  const { signal, onEvent = () => {} } = options;
  const onOpened = (escrow: OpenedEscrow) => onEvent({ event: "opened", reservation, escrow });
  const escrows = await openEscrows(ionet, signer, reservation, { ...options, onOpened });
  onEvent({ event: "funded", reservation, escrows });
  const cluster = await waitForCluster(ionet, reservation.clusterId, {
    reservation,
    until: (seen) => seen.state === "ready",
    onChange: (seen) => onEvent({ event: "cluster", cluster: seen }),
    ...(signal ? { signal } : {}),
  });
  return { reservation, escrows, cluster };
}

export type ClusterWait = {
  until: (cluster: Cluster) => boolean;
  onChange?: (cluster: Cluster) => void;
  /** Where the cluster comes from: until its escrows are finalised there is only the reservation to look at. */
  reservation?: Reservation;
  signal?: AbortSignal;
  pollMs?: number;
};

/** Waits until a cluster is as wanted. Throws `cluster-not-running` when it can't become so any more. */
export async function waitForCluster(
  ionet: Ionet,
  clusterId: ClusterId,
  wait: ClusterWait,
): Promise<Cluster> {
  const { until, onChange, reservation, signal, pollMs = 300 } = wait;
  let last = "";
  for (;;) {
    const cluster = await findCluster(ionet, clusterId, reservation);
    if (cluster) {
      const seen = JSON.stringify([
        cluster.state,
        cluster.leases.map((lease) => lease.phase),
        cluster.events,
      ]);
      if (seen !== last) onChange?.(cluster);
      last = seen;
      if (until(cluster)) return cluster;
      if (cluster.state === "closed" || cluster.state === "failed") throw ended(cluster);
    }
    await pause(pollMs, signal);
  }
}

async function findCluster(ionet: Ionet, clusterId: ClusterId, reservation: Reservation | undefined) {
  try {
    return await ionet.getCluster({ params: { clusterId } });
  } catch (error) {
    if (!reservation || !isProblem(error, "not-found")) throw error;
    const { state, reason } = await ionet.getReservation({ params: { reservationId: reservation.id } });
    if (state === "held" || state === "funded") return null;
    throw problem("quote-expired", {
      detail: `the reservation is ${state}${reason ? `: ${reason}` : ""}`,
      field: "reservation",
      given: reservation.id,
      next: "what was paid into its escrows is refunded in full; ask for a new quote",
    });
  }
}

const isProblem = (error: unknown, code: string) =>
  error instanceof Error && "code" in error && error.code === code;

const ended = (cluster: Cluster) =>
  problem("cluster-not-running", {
    detail: `the cluster is ${cluster.state}${cluster.reason ? ` (${cluster.reason})` : ""}`,
    field: "cluster",
    given: cluster.id,
    next: "see `ionet clusters show` for what happened on each node; only delivered seconds are paid, the rest returns",
  });
