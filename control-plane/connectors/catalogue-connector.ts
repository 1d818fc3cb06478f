import { cataloguePrices } from "../catalogue/cloud-prices.ts";
import type { InventoryConnector } from "./inventory-connector.ts";

const linkOf = (source: string) => (source.startsWith("https://") ? source : null);

/** What clouds ask, from the dated catalogue: always there, never live. */
export const catalogueConnector: InventoryConnector = {
  name: "catalogue",
  list: async (gpuModels) => ({
    listings: cataloguePrices
      .filter(({ gpuModel }) => gpuModels.includes(gpuModel))
      .map(({ source, ...price }) => ({
        ...price,
        source: "catalogue",
        from: source,
        link: linkOf(source),
        gpusFree: null,
        bookable: false,
        simulated: false,
      })),
    failure: null,
  }),
};
