import type { Clock } from "@ionet/machine";
import type { InventoryConnector } from "./inventory-connector.ts";
import { vastConnector } from "./vast-connector.ts";

/** The live inventories that can be switched on. The catalogue needs no switch: it asks nobody. */
export const connectorNames = ["vast.ai"] as const;
export type ConnectorName = (typeof connectorNames)[number];

/** The connectors that the settings switch on; none unless they say so. */
export const liveConnectors = (
  settings: { connectors: readonly ConnectorName[]; vastUrl: string },
  clock: Clock,
): InventoryConnector[] =>
  [...new Set(settings.connectors)].map((name) =>
    ({ "vast.ai": () => vastConnector(settings.vastUrl, clock) })[name](),
  );
