import type { FreeOffer } from "../inventory/offers-of-node.ts";

/**
 * All GPUs for hire, those that are taken too: `freeGpus` of these offers is all that they have. `freeAtMs`: by when a
 * GPU is free at the latest, by `nodeId index` (Unix ms; missing: free now).
 */
export type Supply = { offers: readonly FreeOffer[]; freeAtMs: ReadonlyMap<string, number> };

export const gpuKey = (nodeId: string, gpu: number): string => `${nodeId} ${gpu}`;

/** What is free at a moment (Unix ms), if no lease ends early and nothing else is taken. */
export const freeAt = ({ offers, freeAtMs }: Supply, atMs: number): FreeOffer[] =>
  offers.map((offer) => {
    const freeGpus = offer.freeGpus.filter((gpu) => (freeAtMs.get(gpuKey(offer.nodeId, gpu)) ?? 0) <= atMs);
    return freeGpus.length === offer.freeGpus.length
      ? offer
      : { ...offer, freeGpus, gpusFree: freeGpus.length };
  });

/** The moments after `nowMs` at which GPUs of these offers become free, ascending. */
export function changesOf({ offers, freeAtMs }: Supply, nowMs: number): number[] {
  const times = offers.flatMap((offer) =>
    offer.freeGpus.flatMap((gpu) => freeAtMs.get(gpuKey(offer.nodeId, gpu)) ?? []),
  );
  return [...new Set(times)].filter((time) => time > nowMs && Number.isFinite(time)).sort((a, b) => a - b);
}

/** The supply of one GPU model. */
export const ofModel = ({ offers, freeAtMs }: Supply, gpuModel: string): Supply => ({
  offers: offers.filter((offer) => offer.gpuModel === gpuModel),
  freeAtMs,
});

/** The supply after some GPUs were taken until a time. */
export function afterTaking(
  { offers, freeAtMs }: Supply,
  taken: readonly { nodeId: string; gpus: readonly number[] }[],
  untilMs: number,
): Supply {
  const later = new Map(freeAtMs);
  for (const { nodeId, gpus } of taken) for (const gpu of gpus) later.set(gpuKey(nodeId, gpu), untilMs);
  return { offers, freeAtMs: later };
}
