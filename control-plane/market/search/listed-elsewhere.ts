import { type Answer, gpuModel, gpuModels, gpuModelsNamed, type Query } from "@ionet/protocol";
import { byPrice } from "../catalogue/cloud-prices.ts";
import { type InventoryConnector, type Listing, listInventories } from "../connectors/inventory-connector.ts";
import { viewOf } from "../connectors/listing-view.ts";
import { unknownSource } from "../connectors/unknown-source.ts";

type ListingCondition = (listing: Listing, query: Query) => boolean;

const named = (names: readonly string[], id: string) =>
  names.some((name) => gpuModelsNamed(name).some((model) => model.id === id));
/** Price × GPUs × hours on both sides, so that nothing is rounded. */
const atMost = (listing: Listing, limit: bigint) =>
  listing.microUsd <= limit * BigInt(listing.gpus * listing.hours);
const atLeast = (listing: Listing, limit: bigint) =>
  listing.microUsd >= limit * BigInt(listing.gpus * listing.hours);
const vramMib = (listing: Listing) => (gpuModel(listing.gpuModel)?.vramGib ?? 0) * 1024;
const tflops = (listing: Listing) => gpuModel(listing.gpuModel)?.fp16TensorTflops ?? 0;

/** What can be known of others' listings. A condition that is not here is named, not applied. */
const conditions: Partial<Record<keyof Query, ListingCondition>> = {
  gpuModel: (listing, query) => named(query.gpuModel ?? [], listing.gpuModel),
  notGpuModel: (listing, query) => !named(query.notGpuModel ?? [], listing.gpuModel),
  source: (listing, query) => (query.source ?? []).includes(listing.source),
  notSource: (listing, query) => !(query.notSource ?? []).includes(listing.source),
  bookable: (listing, query) => listing.bookable === query.bookable,
  simulated: (listing, query) => listing.simulated === query.simulated,
  interruptible: (listing, query) => (listing.tier === "spot") === query.interruptible,
  minVramMib: (listing, query) => vramMib(listing) >= (query.minVramMib ?? 0),
  maxVramMib: (listing, query) => query.maxVramMib === undefined || vramMib(listing) <= query.maxVramMib,
  minTflops: (listing, query) => tflops(listing) >= (query.minTflops ?? 0),
  maxTflops: (listing, query) => query.maxTflops === undefined || tflops(listing) <= query.maxTflops,
  minPriceMicroUsdPerGpuHour: (listing, query) => atLeast(listing, query.minPriceMicroUsdPerGpuHour ?? 0n),
  maxPriceMicroUsdPerGpuHour: (listing, query) =>
    query.maxPriceMicroUsdPerGpuHour === undefined || atMost(listing, query.maxPriceMicroUsdPerGpuHour),
};

/** Orders and amounts are no conditions on one listing. */
const noCondition: ReadonlySet<string> = new Set(["sort", "near", "gpuCount"]);

/**
 * What the inventories of others that a query names (`source=catalogue,vast.ai`) list, cheapest first; null when it names
 * none. Conditions that nobody can check there are named in `unchecked`. Throws `invalid-request` for an unknown source.
 */
export async function listedElsewhere(
  others: readonly InventoryConnector[],
  query: Query,
  at: { nowMs: number; limit: number },
): Promise<Answer<"searchOffers">["listed"]> {
  const wanted = (query.source ?? []).filter((name) => name !== "network");
  if (wanted.length === 0) return null;
  const unknown = wanted.find((name) => !others.some((other) => other.name === name));
  if (unknown !== undefined) throw unknownSource(unknown, ["network", ...others.map(({ name }) => name)]);
  const asked = others.filter(({ name }) => wanted.includes(name));
  const { listings, failures } = await listInventories(
    asked,
    gpuModels.map(({ id }) => id),
  );
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [name as keyof Query],
  );
  const matching = listings.filter((listing) =>
    given.every((name) => conditions[name]?.(listing, query) ?? true),
  );
  return {
    items: matching
      .sort(byPrice)
      .slice(0, at.limit)
      .map((listing) => viewOf(listing, at.nowMs)),
    matching: matching.length,
    unchecked: given.filter((name) => !(name in conditions) && !noCondition.has(name)),
    failures,
  };
}
