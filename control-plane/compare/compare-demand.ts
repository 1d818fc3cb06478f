import type { Answer, Call } from "@ionet/protocol";
import { catalogueConnector } from "../connectors/catalogue-connector.ts";
import { type InventoryConnector, listInventories } from "../connectors/inventory-connector.ts";
import { networkConnector } from "../connectors/network-connector.ts";
import type { Context } from "../context.ts";
import type { LiveOffers } from "../inventory/live-offers.ts";
import { assemble, rowsOf } from "./compare.ts";
import { comparedModels } from "./compared-models.ts";

/**
 * What the network can assemble of a demand, beside what others ask for the same. `others` are live inventories; the
 * catalogue is always asked. Throws `gpu-model-unknown` with the nearest ids.
 */
export async function compareDemand(
  ctx: Pick<Context, "clock"> & { offers: LiveOffers },
  others: readonly InventoryConnector[],
  query: Call<"compare">["query"],
): Promise<Answer<"compare">> {
  const gpuModels = comparedModels(query.gpuModel);
  const { gpuCount, days, hoursPerDay, maxAgeDays } = query;
  const job = { gpuModels, gpuCount, days, hoursPerDay };
  const [own, elsewhere] = await Promise.all([
    networkConnector(ctx).list(gpuModels),
    listInventories([catalogueConnector, ...others], gpuModels),
  ]);
  const network = assemble(own.listings, job);
  const at = { nowMs: ctx.clock.now(), maxAgeDays };
  return {
    ...job,
    network,
    rows: rowsOf(elsewhere.listings, job, network.cost, at),
    failures: elsewhere.failures,
  };
}
