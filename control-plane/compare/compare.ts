import { type Compared, type Comparison, type Cost, microUsd, microUsdPerGpuHour } from "@ionet/protocol";
import { ageDays } from "../catalogue/age.ts";
import { byPrice, costAt, newestOfEach, type PrintedPrice } from "../catalogue/cloud-prices.ts";
import type { Listing } from "../connectors/inventory-connector.ts";

/** What is compared: so many GPUs of any of these models, so long. */
export type Job = { gpuModels: readonly string[]; gpuCount: number; days: number; hoursPerDay: number };

function costOf(price: PrintedPrice, job: Job): Cost {
  const cost = (hours: number) => microUsd(costAt(price, job.gpuCount, hours));
  return {
    priceMicroUsdPerGpuHour: microUsdPerGpuHour(costAt(price, 1, 1)),
    microUsdPerHour: cost(1),
    microUsdPerDay: cost(job.hoursPerDay),
    microUsdForJob: cost(job.hoursPerDay * job.days),
  };
}

/**
 * What the network can assemble: its cheapest free GPUs. When there are not enough, the cheapest known price for all and
 * a word about it; when there is no offer at all, no price.
 */
export function assemble(offers: readonly Listing[], job: Job): Comparison["network"] {
  const sorted = [...offers].sort(byPrice);
  const [cheapest] = sorted;
  const gpusFree = sorted.reduce((sum, offer) => sum + (offer.gpusFree ?? 0), 0);
  if (cheapest === undefined) {
    return {
      gpusFree,
      enough: false,
      simulated: false,
      cost: null,
      note: "nobody offers this here just now",
    };
  }
  let missing = job.gpuCount;
  let microUsdPerHour = 0n;
  const taken: Listing[] = [];
  for (const offer of sorted) {
    const count = Math.min(missing, offer.gpusFree ?? 0);
    if (count === 0) continue;
    microUsdPerHour += costAt(offer, count, 1);
    missing -= count;
    taken.push(offer);
  }
  if (missing > 0) {
    const note = `only ${gpusFree} of ${job.gpuCount} are free now; reckoned as if all were had at the cheapest known price`;
    return { gpusFree, enough: false, simulated: cheapest.simulated, cost: costOf(cheapest, job), note };
  }
  return {
    gpusFree,
    enough: true,
    simulated: taken.some(({ simulated }) => simulated),
    cost: costOf({ microUsd: microUsdPerHour, gpus: job.gpuCount, hours: 1 }, job),
    note: `of ${new Set(taken.map(({ provider }) => provider)).size} suppliers`,
  };
}

/** The same elsewhere: of each provider and kind of price the cheapest of its newest date. */
export function rowsOf(
  listings: readonly Listing[],
  job: Job,
  ours: Cost | null,
  at: { nowMs: number; maxAgeDays: number },
): Compared[] {
  const sources = new Set(listings.map(({ source }) => source));
  const chosen = [...sources].flatMap((name) =>
    newestOfEach(listings.filter(({ source }) => source === name)),
  );
  return chosen.sort(byPrice).map((listing) => {
    const cost = costOf(listing, job);
    const saved = ours === null ? null : cost.microUsdForJob - ours.microUsdForJob;
    const days = ageDays(listing.date, at.nowMs);
    return {
      source: listing.source,
      provider: listing.provider,
      gpuModel: listing.gpuModel,
      tier: listing.tier,
      region: listing.region,
      cost,
      savedMicroUsd: saved === null ? null : microUsd(saved),
      savedBps:
        saved === null || cost.microUsdForJob === 0n ? null : Number((saved * 10_000n) / cost.microUsdForJob),
      asOf: listing.date,
      ageDays: days,
      old: days > at.maxAgeDays,
      bookable: listing.bookable,
      from: listing.from,
      link: listing.link,
      note: listing.note,
    };
  });
}
