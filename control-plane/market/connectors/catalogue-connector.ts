import { cataloguePrices } from "../catalogue/cloud-prices.ts";
import { pageOf } from "../catalogue/provider-pages.ts";
import type { InventoryConnector } from "./inventory-connector.ts";

/** The page that the price was read on, else the one on which its provider shows prices. */
const linkOf = ({ provider, source }: { provider: string; source: string }) =>
  source.startsWith("https://") ? source : pageOf(provider);

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
        link: linkOf({ provider: price.provider, source }),
        gpusFree: null,
        bookable: false,
        simulated: false,
      })),
    failure: null,
  }),
};
