import type { Handlers } from "../../platform/http/handlers.ts";
import { catalogueConnector } from "../connectors/catalogue-connector.ts";
import type { InventoryConnector } from "../connectors/inventory-connector.ts";
import { networkConnector } from "../connectors/network-connector.ts";
import { type CompareContext, compareDemand } from "./compare-demand.ts";
import { listListings } from "./list-listings.ts";

/** @param live the inventories of others that are switched on */
export function compareRoutes(
  ctx: CompareContext,
  live: readonly InventoryConnector[],
): Handlers<"compare" | "listListings"> {
  const all = [networkConnector(ctx), catalogueConnector, ...live];
  return {
    compare: ({ query }) => compareDemand(ctx, live, query),
    listListings: ({ query }) => listListings(ctx.clock, all, query),
  };
}
