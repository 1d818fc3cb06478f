import { leaseBudget, type Network, problem, type Quote, type Reservation, sum } from "@ionet/protocol";

/** The deposit has to be what the leases can cost at most: more would be the engineer's money for nothing. Throws `forbidden`. */
export function requireExactDeposit({ id, escrow, leases }: Reservation): void {
  const budget = sum(leases.map((lease) => leaseBudget(lease.ratePerHour, lease.maxSeconds)));
  if (escrow.deposit === budget) return;
  throw refused("deposit", {
    detail: `reservation ${id} asks for another deposit than its leases can cost`,
    given: `${escrow.deposit} base units`,
    allowed: `${budget} base units: Σ ⌈rate × maxSeconds ÷ 3600⌉`,
  });
}

/**
 * The reservation has to be the quote that the engineer approved: the same leases at the same rates for the same time,
 * the same deposit, fee and currency. Throws `forbidden` with the first difference.
 */
export function requireApproved(quote: Quote, reservation: Reservation): void {
  const { escrow } = reservation;
  compare("quoteId", reservation.quoteId, quote.id);
  compare("deposit", escrow.deposit, quote.deposit);
  compare("feeBps", escrow.feeBps, quote.feeBps);
  compare("leases", reservation.leases.length, quote.leases.length);
  for (const [at, approved] of quote.leases.entries()) {
    const lease = reservation.leases[at];
    for (const field of ["leaseId", "nodeId", "supplier", "gpuModel", "ratePerHour", "maxSeconds"] as const) {
      compare(`leases.${at}.${field}`, lease?.[field], approved[field]);
    }
    compare(`leases.${at}.gpus`, lease?.gpus.join(" "), approved.gpus.join(" "));
  }
}

/** The escrow has to hold the currency that was quoted, not another one of the network. Throws `forbidden`. */
export function requireApprovedCurrency(quote: Quote, { escrow }: Reservation, network: Network): void {
  const { currency } = quote.demand;
  const mints = network.currencies.filter(({ symbol }) => symbol === currency).map(({ mint }) => mint);
  compare("mint", escrow.mint, mints.join(", ") || `the mint of ${currency}`);
}

type Comparable = string | number | bigint | undefined;

function compare(field: string, given: Comparable, approved: Comparable): void {
  if (given === approved) return;
  throw refused(field, {
    detail: "the reservation is not what the quote said",
    given: String(given),
    allowed: `${approved}, as quoted`,
  });
}

const refused = (field: string, what: { detail: string; given: string; allowed: string }) =>
  problem("forbidden", {
    ...what,
    detail: `${what.detail}; nothing was signed`,
    field,
    next: "do not fund this reservation: its hold ends by itself. Check the control plane's address and ask for a new quote",
  });
