import {
  type Demand,
  dollarRate,
  leaseBudget,
  leasesOfEscrow,
  type Network,
  problem,
  type Quote,
  type Reservation,
  sum,
} from "@ionet/protocol";

/**
 * Every lease has to be in one of the escrows, once and in its place; and each escrow's deposit has to be what its leases
 * can cost at most: more would be the engineer's money for nothing. Throws `forbidden`.
 */
export function requireExactDeposits({ id, deposit, escrows, leases }: Reservation): void {
  let covered = 0;
  for (const [position, escrow] of escrows.entries()) {
    compare(`escrows.${position}.firstLease`, escrow.firstLease, covered, "the one after the escrow before");
    covered += escrow.leaseCount;
    const budgets = leasesOfEscrow(leases, escrow).map((one) => leaseBudget(one.ratePerHour, one.maxSeconds));
    requireDeposit(id, `escrows.${position}.deposit`, escrow.deposit, sum(budgets));
  }
  compare("escrows", covered, leases.length, "leases of this reservation");
  requireDeposit(id, "deposit", deposit, sum(escrows.map((escrow) => escrow.deposit)));
}

function requireDeposit(id: string, field: string, given: bigint, budget: bigint): void {
  if (given === budget) return;
  throw refused(field, {
    detail: `reservation ${id} asks for another deposit than its leases can cost`,
    given: `${given} base units`,
    allowed: `${budget} base units: Σ ⌈rate × maxSeconds ÷ 3600⌉`,
  });
}

/**
 * The reservation has to be the quote that the engineer approved: the same leases at the same rates for the same time,
 * the same deposit, fee and currency. Throws `forbidden` with the first difference.
 */
export function requireApproved(quote: Quote, reservation: Reservation): void {
  compare("quoteId", reservation.quoteId, quote.id);
  compare("deposit", reservation.deposit, quote.deposit);
  for (const [position, { feeBps }] of reservation.escrows.entries()) {
    compare(`escrows.${position}.feeBps`, feeBps, quote.feeBps);
  }
  compare("leases", reservation.leases.length, quote.leases.length);
  for (const [at, approved] of quote.leases.entries()) {
    const lease = reservation.leases[at];
    for (const field of ["leaseId", "nodeId", "supplier", "gpuModel", "ratePerHour", "maxSeconds"] as const) {
      compare(`leases.${at}.${field}`, lease?.[field], approved[field]);
    }
    compare(`leases.${at}.gpus`, lease?.gpus.join(" "), approved.gpus.join(" "));
  }
}

/** The escrows have to hold the currency that was quoted, not another one of the network. Throws `forbidden`. */
export function requireApprovedCurrency(
  quote: Pick<Quote, "demand">,
  { escrows }: Reservation,
  network: Network,
): void {
  const { currency } = quote.demand;
  const mints = network.currencies.filter(({ symbol }) => symbol === currency).map(({ mint }) => mint);
  for (const [position, { mint }] of escrows.entries()) {
    compare(`escrows.${position}.mint`, mint, mints.join(", ") || `the mint of ${currency}`);
  }
}

/**
 * What is held for a waiting request has to be what was asked for: the model, the count, the time and no more than the
 * price; in USDC the rates too. Throws `forbidden` with the first difference.
 */
export function requireWithin(demand: Demand, { leases }: Reservation): void {
  const count = leases.reduce((total, lease) => total + lease.gpus.length, 0);
  compare("gpus", count, demand.gpuCount, "as asked");
  const most = demand.maxPriceMicroUsdPerGpuHour;
  for (const [at, lease] of leases.entries()) {
    compare(`leases.${at}.gpuModel`, lease.gpuModel, demand.gpuModel, "as asked");
    compare(`leases.${at}.maxSeconds`, lease.maxSeconds, demand.durationSeconds, "as asked");
    const price = lease.priceMicroUsdPerGpuHour;
    if (most !== undefined && price > most)
      compare(`leases.${at}.priceMicroUsdPerGpuHour`, price, most, "the most that was asked for");
    if (demand.currency === "USDC") {
      const rate = dollarRate(price, lease.gpus.length);
      compare(`leases.${at}.ratePerHour`, lease.ratePerHour, rate, "its price for its GPUs");
    }
  }
}

type Comparable = string | number | bigint | undefined;

function compare(field: string, given: Comparable, approved: Comparable, why = "as quoted"): void {
  if (given === approved) return;
  throw refused(field, {
    detail: "the reservation is not what the quote said",
    given: String(given),
    allowed: `${approved}, ${why}`,
  });
}

const refused = (field: string, what: { detail: string; given: string; allowed: string }) =>
  problem("forbidden", {
    ...what,
    detail: `${what.detail}; nothing was signed`,
    field,
    next: "do not fund this reservation: its hold ends by itself. Check the control plane's address and ask for a new quote",
  });
