import type { PriceTier } from "@ionet/protocol";

/** GPUs that somebody lists: a price as printed (micro-USD for so many GPUs for so many hours), and where it comes from. */
export type Listing = {
  /** The connector's name. */
  source: string;
  provider: string;
  gpuModel: string;
  tier: PriceTier;
  microUsd: bigint;
  gpus: number;
  hours: number;
  /** How many can be had now; null where a list does not say. */
  gpusFree: number | null;
  region: string;
  /** When the price was true: YYYY, YYYY-MM-DD or a moment. */
  date: string;
  /** Where the price was read. */
  from: string;
  /** Where it can be hired; null for what is hired here, or when nobody says. */
  link: string | null;
  note: string;
  /** Whether it can be hired through this network. */
  bookable: boolean;
  simulated: boolean;
};

/** What an inventory answered; `failure` says why it is incomplete or older than it should be. */
export type Inventory = { listings: Listing[]; failure: string | null };

/** An inventory of GPUs, ours or others': a provider with an API is one file that implements this. */
export interface InventoryConnector {
  readonly name: string;
  /** What it lists of these models. Answers within seconds; a failure is told, not thrown. */
  list(gpuModels: readonly string[]): Promise<Inventory>;
}

/** What several inventories list, with the failures of those that could not answer. None keeps another from answering. */
export async function listInventories(
  connectors: readonly InventoryConnector[],
  gpuModels: readonly string[],
): Promise<{ listings: Listing[]; failures: { source: string; reason: string }[] }> {
  const answers = await Promise.all(
    connectors.map(async (connector) => {
      const inventory = await connector.list(gpuModels).catch(() => ({ listings: [], failure: "it failed" }));
      return { source: connector.name, ...inventory };
    }),
  );
  return {
    listings: answers.flatMap(({ listings }) => listings),
    failures: answers.flatMap(({ source, failure }) =>
      failure === null ? [] : [{ source, reason: failure }],
    ),
  };
}
