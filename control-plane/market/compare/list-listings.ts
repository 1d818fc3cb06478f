import type { Clock } from "@ionet/machine";
import type { Answer, Call } from "@ionet/protocol";
import { byPrice } from "../catalogue/cloud-prices.ts";
import { type InventoryConnector, listInventories } from "../connectors/inventory-connector.ts";
import { viewOf } from "../connectors/listing-view.ts";
import { unknownSource } from "../connectors/unknown-source.ts";
import { knownGpuModels } from "../search/known-gpu-model.ts";

/**
 * What every inventory lists of a model, cheapest first, ours and others'. Throws `gpu-model-unknown`, and
 * `invalid-request` for a source that is not asked here.
 */
export async function listListings(
  clock: Clock,
  connectors: readonly InventoryConnector[],
  query: Call<"listListings">["query"],
): Promise<Answer<"listListings">> {
  const gpuModels = knownGpuModels(query.gpuModel);
  const asked = connectors.filter(({ name }) => query.source === undefined || name === query.source);
  if (asked.length === 0)
    throw unknownSource(
      query.source ?? "",
      connectors.map(({ name }) => name),
    );
  const { listings, failures } = await listInventories(asked, gpuModels);
  return {
    items: listings
      .filter(({ tier }) => query.tier === undefined || tier === query.tier)
      .sort(byPrice)
      .slice(0, query.limit)
      .map((listing) => viewOf(listing, clock.now())),
    failures,
  };
}
