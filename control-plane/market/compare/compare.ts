import { type Assembly, type Compared, type Comparison, microUsd } from "@ionet/protocol";
import { ageDays, periodEndMs } from "../catalogue/age.ts";
import { byPrice, newestOfEach } from "../catalogue/cloud-prices.ts";
import type { Listing } from "../connectors/inventory-connector.ts";
import { costOf } from "./cost.ts";
import type { ComparedJob } from "./job.ts";

/** What the network asks for the job, in both ways to hire. */
export type Ours = Pick<Comparison, "network" | "interruptible">;

/** The same elsewhere: of each provider and kind of price the cheapest of its newest date. */
export function rowsOf(
  listings: readonly Listing[],
  job: ComparedJob,
  ours: Ours,
  at: { nowMs: number; maxAgeDays: number },
): Compared[] {
  const sources = new Set(listings.map(({ source }) => source));
  const chosen = [...sources].flatMap((name) =>
    newestOfEach(listings.filter(({ source }) => source === name)),
  );
  return chosen.sort(byPrice).map((listing) => {
    const cost = costOf(listing, job);
    const days = ageDays(listing.date, at.nowMs);
    return {
      source: listing.source,
      provider: listing.provider,
      gpuModel: listing.gpuModel,
      tier: listing.tier,
      region: listing.region,
      cost,
      ...savedOf(listing, cost, ours),
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

type Saved = Pick<Compared, "savedMicroUsd" | "savedBps" | "savedAgainst" | "savedRestsOn">;

/** What can be taken away stands beside what can be taken away, where all of that can be had. */
function savedOf({ tier }: Listing, { microUsdForJob }: Compared["cost"], ours: Ours): Saved {
  const likeSpot = tier === "spot" && ours.interruptible?.enough === true;
  const own = likeSpot ? ours.interruptible : ours.network;
  if (own === null || own.cost === null)
    return { savedMicroUsd: null, savedBps: null, savedAgainst: null, savedRestsOn: null };
  const saved = microUsdForJob - own.cost.microUsdForJob;
  return {
    savedMicroUsd: microUsd(saved),
    savedBps: microUsdForJob === 0n ? null : Number((saved * 10_000n) / microUsdForJob),
    savedAgainst: likeSpot ? "interruptible" : "on_demand",
    savedRestsOn: restsOn(own),
  };
}

const restsOn = ({ assumed, gpus }: Assembly): Saved["savedRestsOn"] =>
  assumed === null ? "quotable" : gpus === 0 ? "assumed" : "partly assumed";

/** How many of the rows are old, and the date of the oldest; null when none is. */
export function oldPricesOf(rows: readonly Compared[], maxAgeDays: number): Comparison["oldPrices"] {
  const dates = rows.filter(({ old }) => old).map(({ asOf }) => asOf);
  const [oldest] = dates.sort((a, b) => periodEndMs(a) - periodEndMs(b));
  return oldest === undefined ? null : { count: dates.length, of: rows.length, maxAgeDays, oldest };
}
