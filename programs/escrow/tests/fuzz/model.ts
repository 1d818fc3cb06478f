import { leaseBudget, payout, ratePerHour } from "@ionet/protocol";

/**
 * The escrow's rules once more, from the words of the money rules and not from the program: what random sequences on
 * the real program are compared with. Every verb returns the refusal's name, or null when it was accepted.
 */
export type Model = {
  /** Of an escrow in SOL: what a wallet must hold to exist. Null: tokens. */
  minimumBalance: bigint | null;
  rateValidSeconds: number | null;
  feeBps: number;
  minimumSeconds: number;
  releaseAfterSeconds: number;
  openedAt: number;
  capacity: number;
  status: "open" | "stopped" | "final" | "closed";
  deposited: bigint;
  refunded: bigint;
  feesSent: bigint;
  /** Sent to the vault by strangers and not yet passed on. */
  donated: bigint;
  leases: ModelLease[];
  purses: Map<string, Purse>;
};

/** A wallet's account: tokens in an account that is there or not, or lamports. */
export type Purse = { there: boolean; balance: bigint };

export type ModelLease = {
  supplier: string;
  rate: bigint;
  maxSeconds: number;
  startedAt: number;
  endedAt: number | null;
  seconds: number;
  sent: bigint;
  replaced: boolean;
};

export const TREASURY = "treasury";
export const ENGINEER = "engineer";

const gross = (lease: ModelLease, seconds = lease.seconds) =>
  payout(ratePerHour(lease.rate), seconds, 0).gross;
const earned = (model: Model, lease: ModelLease) =>
  payout(ratePerHour(lease.rate), lease.seconds, model.feeBps);
const owedTo = (model: Model, lease: ModelLease) => earned(model, lease).net - lease.sent;
const feesEarned = (model: Model) => model.leases.reduce((sum, lease) => sum + earned(model, lease).fee, 0n);
const budget = (rate: bigint, seconds: number) => leaseBudget(ratePerHour(rate), seconds);

export const paid = (model: Model): bigint => model.leases.reduce((sum, lease) => sum + lease.sent, 0n);
export const remainder = (model: Model): bigint =>
  model.deposited - paid(model) - model.feesSent - model.refunded;

/** The most seconds that count by `now`. */
function countable(model: Model, lease: ModelLease, now: number): number {
  const elapsed = Math.max((lease.endedAt ?? now) - lease.startedAt, model.minimumSeconds);
  return Math.min(elapsed, lease.maxSeconds);
}

/** What a lease can cost at most. */
function cost(model: Model, lease: ModelLease): bigint {
  if (model.status === "final") return gross(lease);
  if (lease.endedAt === null) return budget(lease.rate, lease.maxSeconds);
  return gross(lease, Math.max(lease.seconds, countable(model, lease, lease.endedAt)));
}
const costs = (model: Model) => model.leases.reduce((sum, lease) => sum + cost(model, lease), 0n);
const lastSecond = (lease: ModelLease) =>
  Math.min(lease.startedAt + lease.maxSeconds, lease.endedAt ?? Number.POSITIVE_INFINITY);

/** Whether rates still hold `seconds` after `from`. */
const ratesHold = (model: Model, from: number, seconds: number) =>
  model.rateValidSeconds === null || from - model.openedAt + seconds <= model.rateValidSeconds;

/** Gives a wallet an amount; false when its account can't take it. */
function give(model: Model, wallet: string, amount: bigint): boolean {
  const purse = model.purses.get(wallet);
  if (purse === undefined) throw new RangeError(`no purse of ${wallet}`);
  const taken = model.minimumBalance === null ? purse.there : purse.balance + amount >= model.minimumBalance;
  if (taken) purse.balance += amount;
  return taken;
}

function payLease(model: Model, lease: ModelLease): void {
  const owed = owedTo(model, lease);
  if (owed > 0n && give(model, lease.supplier, owed)) lease.sent += owed;
}

function payFee(model: Model): void {
  const owed = feesEarned(model) - model.feesSent;
  if (owed > 0n && give(model, TREASURY, owed)) model.feesSent += owed;
}

/** A reading at `now`: pairs of position and signed seconds. */
export function settle(
  model: Model,
  now: number,
  final: boolean,
  reading: readonly [number, number][],
): null {
  const wasFinal = model.status === "final";
  for (const [position, signed] of reading) {
    const lease = leaseAt(model, position);
    if (final) lease.endedAt ??= now;
    if (signed < lease.seconds) continue;
    if (!wasFinal) lease.seconds = Math.max(lease.seconds, Math.min(signed, countable(model, lease, now)));
    payLease(model, lease);
  }
  if (final) model.status = "final";
  payFee(model);
  return null;
}

/** Seconds of one lease, signed by engineer and supplier. */
export function agree(model: Model, now: number, position: number, seconds: number): string | null {
  if (model.status === "final") return "AlreadyFinal";
  const lease = leaseAt(model, position);
  if (seconds < lease.seconds || seconds > countable(model, lease, now)) return "WrongSeconds";
  lease.seconds = seconds;
  payLease(model, lease);
  payFee(model);
  return null;
}

export function stop(model: Model, now: number): null {
  for (const lease of model.leases) lease.endedAt ??= now;
  if (model.status === "open") model.status = "stopped";
  const refund = remainder(model) - (costs(model) - paid(model) - model.feesSent);
  if (refund > 0n && give(model, ENGINEER, refund)) model.refunded += refund;
  return null;
}

export function endLease(model: Model, now: number, position: number): string | null {
  if (model.status !== "open") return "NotRunning";
  const lease = leaseAt(model, position);
  if (lease.endedAt !== null) return "LeaseEnded";
  lease.endedAt = now;
  return null;
}

/** `positions` null: every lease that runs. */
export function topUp(
  model: Model,
  now: number,
  terms: { amount: bigint; seconds: number; positions: readonly number[] | null },
): string | null {
  if (model.status !== "open") return "NotRunning";
  const runs = (lease: ModelLease) => lease.endedAt === null && lastSecond(lease) > now;
  const before = costs(model);
  const extended = model.leases.map((lease, position) => ({
    lease,
    named: terms.positions?.includes(position),
  }));
  for (const { lease, named } of extended) {
    if (named === false || (named === undefined && !runs(lease))) continue;
    if (!runs(lease)) return "LeaseEnded";
    if (!ratesHold(model, lease.startedAt, lease.maxSeconds + terms.seconds)) return "RateExpired";
  }
  const touched = extended.filter(({ lease, named }) => named ?? runs(lease)).map(({ lease }) => lease);
  for (const lease of touched) lease.maxSeconds += terms.seconds;
  if (costs(model) - before > terms.amount) {
    for (const lease of touched) lease.maxSeconds -= terms.seconds;
    return "FundingTooLittle";
  }
  model.deposited += terms.amount;
  return null;
}

export function replace(
  model: Model,
  now: number,
  terms: { position: number; supplier: string; rate: bigint; maxSeconds: number },
): string | null {
  if (model.status !== "open") return "NotRunning";
  const old = leaseAt(model, terms.position);
  if (old.endedAt === null) return "LeaseNotEnded";
  if (old.replaced) return "AlreadyReplaced";
  if (terms.rate > old.rate) return "RateTooHigh";
  const rest = budget(old.rate, old.maxSeconds) - cost(model, old);
  if (budget(terms.rate, terms.maxSeconds) > rest) return "BudgetTooHigh";
  if (!ratesHold(model, now, terms.maxSeconds)) return "RateExpired";
  if (model.leases.length === model.capacity) return "NoRoom";
  old.replaced = true;
  const { supplier, rate, maxSeconds } = terms;
  model.leases.push({
    ...{ supplier, rate, maxSeconds, startedAt: now, endedAt: null, seconds: 0, sent: 0n, replaced: false },
  });
  return null;
}

/** A wallet takes what it is owed to an account elsewhere. */
export function collect(model: Model, wallet: string, elsewhere: string): string | null {
  const own = model.leases.filter(({ supplier }) => supplier === wallet);
  const fee = wallet === TREASURY ? feesEarned(model) - model.feesSent : 0n;
  const owed = own.reduce((sum, lease) => sum + owedTo(model, lease), fee);
  if (owed === 0n) return "NothingOwed";
  if (!give(model, elsewhere, owed)) return "DestinationUnavailable";
  for (const lease of own) lease.sent += owedTo(model, lease);
  model.feesSent += fee;
  return null;
}

/** The end: after a final reading, or as a release by anybody. */
export function close(model: Model, now: number): string | null {
  const last = Math.max(...model.leases.map(lastSecond));
  if (model.status !== "final" && now < last + model.releaseAfterSeconds) return "NotFinal";
  const owed = model.leases.reduce((sum, lease) => sum + owedTo(model, lease), 0n);
  const waiting = owed + feesEarned(model) - model.feesSent;
  const rest = remainder(model) - waiting;
  const refund = rest + model.donated;
  if (refund === 0n && waiting > 0n) return "StillOwed";
  if (refund > 0n && !give(model, ENGINEER, refund)) return "RefundAccountUnavailable";
  for (const lease of model.leases) lease.endedAt ??= now;
  model.refunded += rest;
  model.donated = 0n;
  model.status = waiting === 0n ? "closed" : "final";
  return null;
}

function leaseAt(model: Model, position: number): ModelLease {
  const lease = model.leases[position];
  if (lease === undefined) throw new RangeError(`no lease ${position}`);
  return lease;
}
