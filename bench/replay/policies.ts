import { choose, type FreeOffer, type Share } from "@ionet/placement";
import type { ReplayedCluster } from "./cluster.ts";
import type { TraceDemand } from "./make-wishes.ts";

/** Who chooses the GPUs of a demand; null: there are none now. */
export type Policy = { name: string; choose(cluster: ReplayedCluster, wish: TraceDemand): Share[] | null };

type PolicyDemand = Pick<TraceDemand, "gpus" | "models">;

/**
 * The market's own chooser, asked for every model the demand can run on; the cheapest answer is taken. A model whose
 * cheapest GPU costs too much for that is not asked.
 */
const market =
  (limits: { maxNodes?: number }) =>
  (cluster: ReplayedCluster, { gpus, models }: PolicyDemand): Share[] | null => {
    const asked = (models ?? [...cluster.models.keys()]).map((gpuModel) => {
      const nodeNumbers = cluster.models.get(gpuModel) ?? [];
      const offers = nodeNumbers
        .flatMap((nodeNumber) => cluster.offers[nodeNumber] ?? [])
        .filter((one) => one.gpusFree > 0);
      return { gpuModel, offers, least: offers.map(costOf(gpus)).reduce(lesser, null) };
    });
    asked.sort((a, b) => (lesser(a.least, b.least) === a.least ? -1 : 1));
    let best: { shares: Share[]; cost: bigint } | null = null;
    for (const { gpuModel, offers, least } of asked) {
      if (least === null || (best !== null && best.cost <= least)) continue;
      const shares = choose(offers, {
        gpuModel,
        gpuCount: gpus,
        durationSeconds: 3600,
        currency: "USDC",
        minSuppliers: 1,
        ...limits,
      });
      if (shares === null) continue;
      const cost = shares.reduce((sum, share) => sum + costOf(share.gpus.length)(share.offer), 0n);
      if (best === null || cost < best.cost) best = { shares, cost };
    }
    return best?.shares ?? null;
  };

/** Micro-USD an hour. */
const costOf =
  (gpus: number) =>
  (offer: FreeOffer): bigint =>
    offer.priceMicroUsdPerGpuHour * BigInt(gpus);

const lesser = (a: bigint | null, b: bigint | null): bigint | null =>
  a === null || (b !== null && b < a) ? b : a;

const fits = (offer: FreeOffer, { gpus, models }: PolicyDemand): boolean =>
  offer.gpusFree >= gpus && (models === null || models.includes(offer.gpuModel));

const onOne = (offer: FreeOffer | undefined, { gpus }: PolicyDemand): Share[] | null =>
  offer === undefined ? null : [{ offer, gpus: offer.freeGpus.slice(0, gpus) }];

/** A pod ran on one machine, and so does a demand of these. */
export const policies: readonly Policy[] = [
  { name: "ionet", choose: market({ maxNodes: 1 }) },
  {
    name: "first-fit",
    choose: (cluster, wish) =>
      onOne(
        cluster.offers.find((offer) => fits(offer, wish)),
        wish,
      ),
  },
  {
    name: "best-fit",
    choose(cluster, wish) {
      let best: FreeOffer | undefined;
      for (const offer of cluster.offers)
        if (fits(offer, wish) && (best === undefined || offer.gpusFree < best.gpusFree)) best = offer;
      return onOne(best, wish);
    },
  },
];

/** Beside them, the market doing what a pod could not: joining several machines into one cluster. */
export const severalNodes: Policy = { name: "ionet, several nodes", choose: market({}) };
