import type { Answer, Call } from "@ionet/protocol";
import type { Context } from "../../platform/context.ts";
import { listBackfills } from "../../supply/inventory/backfill.ts";
import type { LiveOffers } from "../../supply/inventory/live-offers.ts";
import { catalogueConnector } from "../connectors/catalogue-connector.ts";
import { type InventoryConnector, listInventories } from "../connectors/inventory-connector.ts";
import { knownGpuModels } from "../search/known-gpu-model.ts";
import { assemble, nothing } from "./assemble.ts";
import { oldPricesOf, rowsOf } from "./compare.ts";

/** What comparing needs of the control plane: the offers besides. */
export type CompareContext = Pick<Context, "clock" | "db"> & { offers: LiveOffers };

/**
 * What the network can assemble of a demand, as a quote would say it now, beside what others ask for the same. `others` are
 * live inventories; the catalogue is always asked. Throws `gpu-model-unknown` with the nearest ids.
 */
export async function compareDemand(
  ctx: CompareContext,
  others: readonly InventoryConnector[],
  query: Call<"compare">["query"],
): Promise<Answer<"compare">> {
  const gpuModels = knownGpuModels(query.gpuModel);
  const { gpuCount, days, hoursPerDay, maxAgeDays } = query;
  const job = { gpuModels, gpuCount, days, hoursPerDay };
  const [offers, backfills, elsewhere] = await Promise.all([
    ctx.offers.free(gpuModels),
    listBackfills(ctx.db),
    listInventories([catalogueConnector, ...others], gpuModels),
  ]);
  const nowMs = ctx.clock.now();
  const assembled = (interruptible: boolean) => assemble(offers, job, { interruptible, nowMs, backfills });
  const ours = { network: assembled(false) ?? nothing(job), interruptible: assembled(true) };
  const rows = rowsOf(elsewhere.listings, job, ours, { nowMs, maxAgeDays });
  return {
    ...job,
    ...ours,
    rows,
    oldPrices: oldPricesOf(rows, maxAgeDays),
    failures: elsewhere.failures,
  };
}
