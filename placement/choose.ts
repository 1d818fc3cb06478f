import { type Demand, MAX_LEASES_OF_CLUSTER } from "@ionet/protocol";
import { bestFit } from "./best-fit.ts";
import {
  type Assignment,
  byPrice,
  type Candidate,
  candidatesOf,
  cheaper,
  type Effort,
  type PlacementLimits,
} from "./candidate.ts";
import type { FreeOffer } from "./free-offer.ts";
import { place } from "./place.ts";

/** Steps of the search for one demand at most: some tenths of a second. */
export const mostEffort = (): Effort => ({ left: 1_000_000 });

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
 * The answer is the cheapest there is, but where several limits bind in a market so large that `effort` ends first: then
 * it is near to it (see choice/cheapest.ts).
 */
export function choose(offers: readonly FreeOffer[], demand: Demand, effort = mostEffort()): Share[] | null {
  let best: Assignment[] | null = null;
  for (const group of byReach(offers).values())
    best = better(best, partsFromAll(group, demand, effort), demand);
  return best?.map(toShare) ?? null;
}

/** Packed on fewer nodes is better whatever it costs. */
function better(a: Assignment[] | null, b: Assignment[] | null, { placement }: Demand): Assignment[] | null {
  if (placement === "pack" && a !== null && b !== null && a.length !== b.length)
    return a.length < b.length ? a : b;
  if (a === null || b === null) return a ?? b;
  const sorted = [a, b].sort((one, other) => firstOf(one, other));
  return cheaper(sorted[0] ?? null, sorted[1] ?? null);
}

const firstOf = (a: readonly Assignment[], b: readonly Assignment[]): number =>
  a[0] === undefined || b[0] === undefined ? 0 : byPrice(a[0].candidate, b[0].candidate);

/**
 * Offers in groups whose nodes can reach each other. There is no network between confinements of different kinds, so
 * the kind alone decides; a node's own offers are always in one group.
 */
export function byReach(offers: readonly FreeOffer[]): Map<FreeOffer["confinement"], FreeOffer[]> {
  return Map.groupBy(offers, (offer) => offer.confinement);
}

/** As `choose`, as if every node could reach every other. */
export const chooseFromAll = (offers: readonly FreeOffer[], demand: Demand, effort: Effort): Share[] | null =>
  partsFromAll(offers, demand, effort)?.map(toShare) ?? null;

function partsFromAll(offers: readonly FreeOffer[], demand: Demand, effort: Effort): Assignment[] | null {
  const candidates = candidatesFor(offers, demand);
  const parts = place(candidates, limitsOf(demand, effort), demand.placement);
  return parts === null ? null : bestFit(parts, candidates);
}

/** Offers that suit a demand, one a node, cheapest first. */
export const candidatesFor = (offers: readonly FreeOffer[], demand: Demand): Candidate[] =>
  candidatesOf(oneOfferANode(offers.filter((offer) => suits(offer, demand))));

export const limitsOf = (demand: Demand, effort: Effort): PlacementLimits => ({
  count: demand.gpuCount,
  minSuppliers: demand.minSuppliers,
  maxSuppliers: demand.maxSuppliers ?? MAX_LEASES_OF_CLUSTER,
  maxNodes: demand.maxNodes ?? MAX_LEASES_OF_CLUSTER,
  maxOfSupplier: demand.gpuCount,
  effort,
});

/** A choice of these candidates as it is answered. */
export const sharesOf = (parts: readonly Assignment[], candidates: readonly Candidate[]): Share[] =>
  bestFit(parts, candidates).map(toShare);

const toShare = ({ candidate: { offer }, count }: Assignment): Share => ({
  offer,
  gpus: offer.freeGpus.slice(0, count),
});

/** A node makes one lease: of a node's real and its simulated GPUs the larger lot is taken, the real one when equal. */
function oneOfferANode(offers: readonly FreeOffer[]): readonly FreeOffer[] {
  const [simulated, real] = [true, false].map((kind) => offers.filter((offer) => offer.simulated === kind));
  if (!simulated?.length || !real?.length) return offers;
  const sizes = new Map(simulated.map((offer) => [offer.nodeId, offer.gpusFree]));
  const kept = real.filter((offer) => offer.gpusFree >= (sizes.get(offer.nodeId) ?? 0));
  const taken = new Set(kept.map(({ nodeId }) => nodeId));
  return [...kept, ...simulated.filter(({ nodeId }) => !taken.has(nodeId))];
}
