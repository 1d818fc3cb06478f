import { payout, ratePerHour } from "@ionet/protocol";

/**
 * The escrow's rules once more, from the words of the money rules and not from the program: what random
 * sequences on the real program are compared with. Every account can be paid or not, as the sequence says.
 */
export type Model = {
  feeBps: number;
  minimumSeconds: number;
  releaseAfterSeconds: number;
  openedAt: number;
  closed: boolean;
  final: boolean;
  deposited: bigint;
  refunded: bigint;
  feesSent: bigint;
  /** Sent to the vault by strangers and not yet passed on. */
  donated: bigint;
  treasuryPayable: boolean;
  engineerGot: bigint;
  leases: ModelLease[];
};

export type ModelLease = {
  rate: bigint;
  maxSeconds: number;
  seconds: number;
  endedAt: number | null;
  sent: bigint;
  payable: boolean;
};

const earned = (model: Model, lease: ModelLease) =>
  payout(ratePerHour(lease.rate), lease.seconds, model.feeBps);
const feesEarned = (model: Model) => model.leases.reduce((sum, lease) => sum + earned(model, lease).fee, 0n);
const paid = (model: Model) => model.leases.reduce((sum, lease) => sum + lease.sent, 0n);

export const remainder = (model: Model): bigint =>
  model.deposited - paid(model) - model.feesSent - model.refunded;

/** A reading of some leases at `now`; pairs of position and signed seconds. */
export function settleModel(
  model: Model,
  now: number,
  final: boolean,
  reading: readonly [number, number][],
): void {
  const wasFinal = model.final;
  for (const [position, signed] of reading) {
    const lease = model.leases[position];
    if (lease === undefined) throw new RangeError(`no lease ${position}`);
    if (final && !wasFinal) lease.endedAt = now;
    if (signed < lease.seconds) continue;
    if (!wasFinal) {
      const elapsed = Math.max(now - model.openedAt, model.minimumSeconds);
      lease.seconds = Math.max(lease.seconds, Math.min(signed, elapsed, lease.maxSeconds));
    }
    if (lease.payable) lease.sent = earned(model, lease).net;
  }
  model.final ||= final;
  if (model.treasuryPayable) model.feesSent = feesEarned(model);
}

/** Closing at `now`; the name of the refusal, or null. */
export function closeModel(model: Model, now: number): string | null {
  const last = Math.max(...model.leases.map(({ maxSeconds }) => model.openedAt + maxSeconds));
  if (!model.final && now < last + model.releaseAfterSeconds) return "NotFinal";
  const owed = model.leases.reduce((sum, lease) => sum + earned(model, lease).net - lease.sent, 0n);
  const waiting = owed + feesEarned(model) - model.feesSent;
  const rest = remainder(model) - waiting;
  if (rest + model.donated === 0n && waiting > 0n) return "StillOwed";
  for (const lease of model.leases) lease.endedAt ??= now;
  model.final = true;
  model.refunded += rest;
  model.engineerGot += rest + model.donated;
  model.donated = 0n;
  model.closed = waiting === 0n;
  return null;
}
