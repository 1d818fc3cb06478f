import type { FreeOffer, Share } from "@ionet/placement";
import {
  type Assembly,
  type Demand,
  LEASE_SECONDS,
  type LeftOut,
  MAX_GPUS_OF_DEMAND,
  microUsd,
  microUsdPerGpuHour,
} from "@ionet/protocol";
import type { BackfillReservation } from "../../supply/inventory/backfill.ts";
import { longestSeconds, START_SECONDS } from "../../supply/inventory/hirable.ts";
import { meetDemand } from "../reservations/meet-demand.ts";
import { assemblyNote } from "./assembly-note.ts";
import { assumedPrice } from "./assumed-price.ts";
import { costOf } from "./cost.ts";
import { type ComparedJob, leaseSecondsOf } from "./job.ts";
import { freeOf, mostTogether, usableFor } from "./usable.ts";

/** At which of its two prices an offer is looked at, and what is true at that moment. */
export type Moment = { interruptible: boolean; nowMs: number; backfills: readonly BackfillReservation[] };

/**
 * What a quote would answer now to somebody who wants the job: of the model of which all can be had cheapest, or else most.
 * What is missing is reckoned at one assumed price, so that the whole does not look cheaper than what can be had. Null when nobody offers any. Pure.
 */
export function assemble(offers: readonly FreeOffer[], job: ComparedJob, moment: Moment): Assembly | null {
  const priced = moment.interruptible
    ? offers.filter((offer) => offer.interruptiblePriceMicroUsdPerGpuHour !== null)
    : offers;
  const gpusFree = freeOf(priced);
  const [best] = job.gpuModels
    .flatMap((model) => {
      const own = priced.filter(({ gpuModel }) => gpuModel === model);
      return own.length === 0 ? [] : [ofModel(model, own, job, moment)];
    })
    .sort(better);
  if (best === undefined) return null;
  const others = gpusFree - best.gpusFree;
  const leftOut = best.enough || others === 0 ? best.leftOut : [...best.leftOut, left("model", others)];
  const assembly = { ...best, gpusFree, leftOut };
  return { ...assembly, note: assemblyNote(assembly, job) };
}

/** What is said where nobody offers any. */
export const nothing = (job: ComparedJob): Assembly => ({
  ...{ gpuModel: null, enough: false, leaseSeconds: leaseSecondsOf(job), gpus: 0, suppliers: 0, nodes: 0 },
  ...{ simulated: false, cost: null, assumed: null, gpusFree: 0, leftOut: [], shorter: null },
  note: "nobody offers this here just now",
});

type AssembledPart = Omit<Assembly, "note" | "cost"> & { cost: NonNullable<Assembly["cost"]> };

const left = (why: LeftOut, gpus: number) => ({ why, gpus });

/** The one that has more, then the cheaper. */
const better = (a: AssembledPart, b: AssembledPart): number =>
  b.gpus - a.gpus || compare(a.cost.microUsdForJob, b.cost.microUsdForJob);

const compare = (a: bigint, b: bigint): number => (a === b ? 0 : a < b ? -1 : 1);

function ofModel(
  gpuModel: string,
  offers: readonly FreeOffer[],
  job: ComparedJob,
  moment: Moment,
): AssembledPart {
  const { interruptible, nowMs, backfills } = moment;
  const leaseSeconds = leaseSecondsOf(job);
  const priceOf = (offer: FreeOffer): bigint =>
    (interruptible ? offer.interruptiblePriceMicroUsdPerGpuHour : null) ?? offer.priceMicroUsdPerGpuHour;
  const meeting = { nowMs, backfills, requestId: null };
  const demandOf = (gpuCount: number, durationSeconds: number): Demand => ({
    ...{ gpuModel, gpuCount, durationSeconds, currency: "USDC", minSuppliers: 1 },
    ...(interruptible ? { interruptible } : {}),
  });
  const usable = (seconds: number) => usableFor(offers, demandOf(1, seconds), meeting);
  // What quotes are made by has the last word.
  const quotable = (count: number, seconds: number): Share[] =>
    (count === 0 ? null : meetDemand(offers, demandOf(count, seconds), meeting).shares) ?? [];

  const now = usable(leaseSeconds);
  const shares = quotable(Math.min(job.gpuCount, mostTogether(now.offers)), leaseSeconds);
  const gpus = shares.reduce((sum, share) => sum + share.gpus.length, 0);
  const missing = job.gpuCount - gpus;
  const hourly = (some: readonly Share[]) =>
    some.reduce((sum, share) => sum + priceOf(share.offer) * BigInt(share.gpus.length), 0n);
  const taken = shares.map(({ offer }) => offer);
  const assumed = assumedPrice(offers, taken, missing, priceOf);
  const hourlyAll = hourly(shares) + assumed * BigInt(missing);

  const [first] = shares;
  const apart = freeOf(
    now.offers.filter(({ confinement }) => confinement !== (first?.offer.confinement ?? confinement)),
  );
  const leftOut = [
    ...[...now.leftOut].map(([why, count]) => left(why, count)),
    left("confinement", apart),
    left("size", freeOf(now.offers) - apart - gpus),
  ].filter((one) => one.gpus > 0);

  return {
    gpuModel,
    enough: missing === 0,
    leaseSeconds,
    gpus,
    suppliers: new Set(shares.map(({ offer }) => offer.supplier)).size,
    nodes: shares.length,
    // Where none can be had, the price is that of all.
    simulated: (gpus > 0 ? taken : offers).some((offer) => offer.simulated),
    cost: costOf({ microUsd: hourlyAll, gpus: job.gpuCount, hours: 1 }, job),
    assumed: missing === 0 ? null : { gpus: missing, priceMicroUsdPerGpuHour: microUsdPerGpuHour(assumed) },
    gpusFree: freeOf(offers),
    leftOut: missing === 0 ? [] : leftOut,
    shorter: missing === 0 ? null : shorter(),
  };

  /** The longest lease below the one that was looked for in which all can be had, by halving; and what that costs. */
  function shorter(): Assembly["shorter"] {
    if (job.gpuCount > MAX_GPUS_OF_DEMAND) return null;
    const lengths = lengthsBelow(leaseSeconds, offers, moment);
    let [low, high] = [0, lengths.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (mostTogether(usable(lengths[middle] ?? 0).offers) >= job.gpuCount) high = middle;
      else low = middle + 1;
    }
    const seconds = lengths[low];
    if (seconds === undefined) return null;
    const all = quotable(job.gpuCount, seconds);
    return all.length === 0 ? null : { leaseSeconds: seconds, microUsdPerHour: microUsd(hourly(all)) };
  }
}

/**
 * The lengths of a lease at which more offers can be hired, longest first: suppliers' longest leases, windows, backfill
 * reservations.
 */
function lengthsBelow(
  seconds: number,
  offers: readonly FreeOffer[],
  { nowMs, backfills }: Pick<Moment, "nowMs" | "backfills">,
): number[] {
  const ends = [
    ...offers.map((offer) => longestSeconds(offer, nowMs)),
    ...backfills.map(({ fromMs }) => Math.floor((fromMs - nowMs) / 1000) - START_SECONDS),
  ];
  return [...new Set(ends)]
    .filter((end) => end >= LEASE_SECONDS.least && end < seconds)
    .sort((a, b) => b - a);
}
