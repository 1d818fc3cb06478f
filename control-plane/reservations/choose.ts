import { type Demand, MAX_LEASES_OF_CLUSTER } from "@ionet/protocol";
import type { FreeOffer } from "../inventory/offers-of-node.ts";
import { byPrice, candidateOf, cheaper, type Part } from "./choice/candidate.ts";
import { place } from "./choice/place.ts";
import { snug } from "./choice/snug.ts";

/** Candidates looked at for one demand at most: some tenths of a second. */
const MOST_EFFORT = 3_000_000;

/** One node's share of an answer: an offer and which of its GPUs. */
export type Share = { offer: FreeOffer; gpus: number[] };

/** Whether an offer is what a demand asks for, its count aside. */
export const suits = (offer: FreeOffer, demand: Demand): boolean =>
  offer.gpusFree > 0 &&
  offer.gpuModel === demand.gpuModel &&
  (demand.maxPriceMicroUsdPerGpuHour === undefined ||
    offer.priceMicroUsdPerGpuHour <= demand.maxPriceMicroUsdPerGpuHour) &&
  (demand.regions === undefined || demand.regions.includes(offer.region)) &&
  (demand.countries === undefined || demand.countries.includes(offer.country)) &&
  (demand.supplierKinds === undefined || demand.supplierKinds.includes(offer.supplierKind)) &&
  (demand.verified === undefined || offer.verified);

/**
 * The cheapest GPUs that meet a demand, on nodes that can reach each other: as many as asked, from as many suppliers and
 * on as many nodes as it allows, placed as it says. Null when there are not enough. The budget is not looked at. Pure, and
 * the same for the same offers in any order.
 *
 * Without limits that bind, or with the limit of nodes alone, the answer is the cheapest there is; with others it is
 * near to it (see choice/).
 */
export function choose(offers: readonly FreeOffer[], demand: Demand): Share[] | null {
  let best: Part[] | null = null;
  for (const group of byReach(offers).values()) best = better(best, partsFromAll(group, demand), demand);
  return best?.map(toShare) ?? null;
}

/** Packed on fewer nodes is better whatever it costs. */
function better(a: Part[] | null, b: Part[] | null, { placement }: Demand): Part[] | null {
  if (placement === "pack" && a !== null && b !== null && a.length !== b.length)
    return a.length < b.length ? a : b;
  if (a === null || b === null) return a ?? b;
  const sorted = [a, b].sort((one, other) => firstOf(one, other));
  return cheaper(sorted[0] ?? null, sorted[1] ?? null);
}

const firstOf = (a: readonly Part[], b: readonly Part[]): number =>
  a[0] === undefined || b[0] === undefined ? 0 : byPrice(a[0].candidate, b[0].candidate);

/**
 * Offers in groups whose nodes can reach each other. There is no network between confinements of different kinds, so
 * the kind alone decides; a node's own offers are always in one group.
 */
export function byReach(offers: readonly FreeOffer[]): Map<FreeOffer["confinement"], FreeOffer[]> {
  return Map.groupBy(offers, (offer) => offer.confinement);
}

/** As `choose`, as if every node could reach every other. */
export const chooseFromAll = (offers: readonly FreeOffer[], demand: Demand): Share[] | null =>
  partsFromAll(offers, demand)?.map(toShare) ?? null;

function partsFromAll(offers: readonly FreeOffer[], demand: Demand): Part[] | null {
  const candidates = oneOfferANode(offers.filter((offer) => suits(offer, demand)))
    .map(candidateOf)
    .sort(byPrice);
  const limits = {
    count: demand.gpuCount,
    minSuppliers: demand.minSuppliers,
    maxSuppliers: demand.maxSuppliers ?? MAX_LEASES_OF_CLUSTER,
    maxNodes: demand.maxNodes ?? MAX_LEASES_OF_CLUSTER,
    maxOfSupplier: demand.gpuCount,
    effort: { left: MOST_EFFORT },
  };
  const parts = place(candidates, limits, demand.placement);
  return parts === null ? null : snug(parts, candidates);
}

const toShare = ({ candidate: { offer }, count }: Part): Share => ({
  offer,
  gpus: offer.freeGpus.slice(0, count),
});

/** A node makes one lease: of a node's real and its simulated GPUs the larger lot is taken, the real one when equal. */
function oneOfferANode(offers: readonly FreeOffer[]): FreeOffer[] {
  const best = new Map<string, FreeOffer>();
  for (const offer of offers) {
    const other = best.get(offer.nodeId);
    const better =
      other === undefined ||
      offer.gpusFree > other.gpusFree ||
      (offer.gpusFree === other.gpusFree && other.simulated && !offer.simulated);
    if (better) best.set(offer.nodeId, offer);
  }
  return [...best.values()];
}
