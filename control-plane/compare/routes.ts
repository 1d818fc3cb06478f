import type { InventoryConnector } from "../connectors/inventory-connector.ts";
import type { Context } from "../context.ts";
import type { Handlers } from "../http/handlers.ts";
import { compareDemand } from "./compare-demand.ts";

export const compareRoutes = (
  ctx: Pick<Context, "db" | "clock">,
  others: readonly InventoryConnector[],
): Handlers<"compare"> => ({
  compare: ({ query }) => compareDemand(ctx, others, query),
});
