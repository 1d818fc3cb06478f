import type { Offer } from "@ionet/protocol";

/** An offer with the indices of its free GPUs, from which a quote chooses. */
export type FreeOffer = Offer & { freeGpus: readonly number[] };

/** The cheapest of many offers, and what the next one costs, micro-USD per GPU-hour: none of the others costs less. */
export type CheapestOffers = { offers: readonly FreeOffer[]; beyond: bigint };
