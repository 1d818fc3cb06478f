import type { Context } from "../../platform/context.ts";
import { listHolds } from "../../supply/inventory/hold-gpus.ts";
import type { LiveOffers } from "../../supply/inventory/live-offers.ts";
import { latestEndsOfHolds } from "../reservations/store.ts";
import type { LatestEnds } from "./request-context.ts";
import type { SupplyForecast } from "./supply-forecast.ts";

/** What overruns its latest end is expected to be gone this much later, in ms: it is being stopped. */
const OVERRUN_MS = 5_000;

/** All that is for hire of these models, and by when what is taken of it is free again. */
export async function loadSupply(
  ctx: Pick<Context, "db" | "clock"> & { offers: LiveOffers; latestEnds: LatestEnds },
  gpuModels: ReadonlySet<string>,
): Promise<SupplyForecast> {
  const offers = (await ctx.offers.whole()).filter(({ gpuModel }) => gpuModels.has(gpuModel));
  const holds = await listHolds(ctx.db);
  const ends = await ctx.latestEnds(holds.map((hold) => hold.leaseId));
  const withoutCluster = holds.filter((hold) => !ends.has(hold.leaseId));
  const ofHolds = await latestEndsOfHolds(ctx.db, [
    ...new Set(withoutCluster.map((hold) => hold.reservationId)),
  ]);
  const soonestMs = ctx.clock.now() + OVERRUN_MS;
  const taken = new Map<string, Map<number, number>>();
  for (const { leaseId, nodeId, gpus } of holds) {
    const endMs = ends.get(leaseId) ?? ofHolds.get(leaseId) ?? Number.POSITIVE_INFINITY;
    const ofNode = taken.get(nodeId) ?? new Map();
    taken.set(nodeId, ofNode);
    for (const gpu of gpus) ofNode.set(gpu, Math.max(soonestMs, endMs));
  }
  return offers.map((offer) => {
    const ofNode = taken.get(offer.nodeId);
    return {
      offer,
      freeAtMs: ofNode === undefined ? null : offer.freeGpus.map((gpu) => ofNode.get(gpu) ?? 0),
    };
  });
}
