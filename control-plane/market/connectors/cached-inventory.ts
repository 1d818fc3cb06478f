import { type Clock, errorText } from "@ionet/machine";
import type { InventoryConnector, Listing } from "./inventory-connector.ts";

/** How long an answer is good, how long it is shown when no newer one can be had, and how soon it is tried again. */
export type CachePolicy = { freshMs: number; staleMs: number; retryMs: number };

const MINUTE = 60_000;
const defaults: CachePolicy = { freshMs: 5 * MINUTE, staleMs: 60 * MINUTE, retryMs: MINUTE };

/**
 * A connector over a slow inventory of others: one question at a time however many ask, answers kept for minutes, and
 * when it fails the last answer goes on being shown for an hour, its age told in every row's date.
 * @param load reads the whole inventory; throws an Error that says why not
 */
export function cachedInventory(
  name: string,
  clock: Clock,
  load: () => Promise<Listing[]>,
  patience: CachePolicy = defaults,
): InventoryConnector {
  let kept: { listings: Listing[]; atMs: number } | null = null;
  let failed: { reason: string; atMs: number } | null = null;
  let loading: Promise<void> | null = null;

  const refresh = async (): Promise<void> => {
    try {
      kept = { listings: await load(), atMs: clock.now() };
      failed = null;
    } catch (error) {
      failed = { reason: errorText(error), atMs: clock.now() };
    }
  };
  const isDue = (nowMs: number) => {
    if (kept !== null && nowMs - kept.atMs < patience.freshMs) return false;
    return failed === null || nowMs - failed.atMs >= patience.retryMs;
  };

  return {
    name,
    list: async (gpuModels) => {
      if (loading === null && isDue(clock.now())) {
        loading = refresh().finally(() => {
          loading = null;
        });
      }
      await loading;
      if (kept !== null && clock.now() - kept.atMs > patience.staleMs) kept = null;
      const listings = (kept?.listings ?? []).filter(({ gpuModel }) => gpuModels.includes(gpuModel));
      if (failed === null) return { listings, failure: null };
      const shown = kept === null ? "" : `; shown is what it listed at ${new Date(kept.atMs).toISOString()}`;
      return { listings, failure: `${failed.reason}${shown}` };
    },
  };
}
