import { type Answer, type Call, microUsdPerGpuHour, problem } from "@ionet/protocol";
import { ageDays } from "../catalogue/age.ts";
import { byPrice, costAt } from "../catalogue/cloud-prices.ts";
import { type InventoryConnector, listInventories } from "../connectors/inventory-connector.ts";
import type { Clock } from "../context.ts";
import { comparedModels } from "./compared-models.ts";

/**
 * What every inventory lists of a model, cheapest first, ours and others'. Throws `gpu-model-unknown`, and
 * `invalid-request` for a source that is not asked here.
 */
export async function listListings(
  clock: Clock,
  connectors: readonly InventoryConnector[],
  query: Call<"listListings">["query"],
): Promise<Answer<"listListings">> {
  const gpuModels = comparedModels(query.gpuModel);
  const asked = connectors.filter(({ name }) => query.source === undefined || name === query.source);
  if (asked.length === 0) throw unknownSource(query.source ?? "", connectors);
  const { listings, failures } = await listInventories(asked, gpuModels);
  return {
    items: listings
      .filter(({ tier }) => query.tier === undefined || tier === query.tier)
      .sort(byPrice)
      .slice(0, query.limit)
      .map(({ microUsd, hours, date, ...listing }) => ({
        ...listing,
        priceMicroUsdPerGpuHour: microUsdPerGpuHour(costAt({ microUsd, hours, gpus: listing.gpus }, 1, 1)),
        asOf: date,
        ageDays: ageDays(date, clock.now()),
      })),
    failures,
  };
}

const unknownSource = (given: string, connectors: readonly InventoryConnector[]) =>
  problem("invalid-request", {
    detail: `this network asks no inventory called "${given}"`,
    field: "source",
    given,
    allowed: connectors.map(({ name }) => name).join(", "),
    next: "Name one of these, or leave the source out. Whoever runs the network switches on others (IONET_CONNECTORS).",
  });
