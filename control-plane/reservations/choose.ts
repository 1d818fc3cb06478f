import { type Demand, MAX_LEASES_OF_CLUSTER } from "@ionet/protocol";
import type { FreeOffer } from "../inventory/list-offers.ts";

/** One node's share of an answer: an offer and which of its GPUs. */
export type Share = { offer: FreeOffer; gpus: number[] };

/** Whether an offer is what a demand asks for, its count aside. */
export const suits = (offer: FreeOffer, demand: Demand): boolean =>
  offer.gpusFree > 0 &&
  offer.gpuModel === demand.gpuModel &&
  (demand.maxPriceMicroUsdPerGpuHour === undefined ||
    offer.priceMicroUsdPerGpuHour <= demand.maxPriceMicroUsdPerGpuHour) &&
  (demand.countries === undefined || demand.countries.includes(offer.country)) &&
  (demand.supplierKinds === undefined || demand.supplierKinds.includes(offer.supplierKind));

/**
 * The cheapest GPUs that meet a demand: as many as asked, from at least `minSuppliers` suppliers, on at most 512
 * nodes that can reach each other. Null when there are not enough. Pure, and the same for the same offers in any order.
 */
export function choose(offers: readonly FreeOffer[], demand: Demand): Share[] | null {
  let best: Share[] | null = null;
  for (const group of byReach(offers).values()) {
    const shares = chooseFromAll(group, demand);
    if (shares !== null && (best === null || compareChoices(shares, best) < 0)) best = shares;
  }
  return best;
}

/**
 * Offers in groups whose nodes can reach each other. There is no network between confinements of different kinds, so
 * the kind alone decides; a node's own offers are always in one group.
 */
export function byReach(offers: readonly FreeOffer[]): Map<FreeOffer["confinement"], FreeOffer[]> {
  const groups = new Map<FreeOffer["confinement"], FreeOffer[]>();
  for (const offer of offers) {
    groups.set(offer.confinement, [...(groups.get(offer.confinement) ?? []), offer]);
  }
  return groups;
}

/**
 * As `choose`, as if every node could reach every other.
 *
 * Without the limit of 512 the answer is the cheapest there is (see `pick`). Where the cheapest would take more nodes,
 * small ones are left out step by step, which may cost more than the very cheapest 512 nodes.
 */
export function chooseFromAll(offers: readonly FreeOffer[], demand: Demand): Share[] | null {
  const suitable = oneOfferANode(offers.filter((offer) => suits(offer, demand)));
  const sizes = [...new Set(suitable.map((offer) => offer.gpusFree))].sort((a, b) => a - b);
  for (const size of sizes) {
    const shares = pick(
      suitable.filter((offer) => offer.gpusFree >= size),
      demand,
      byPrice,
    );
    if (shares === null) break;
    if (shares.length <= MAX_LEASES_OF_CLUSTER) return shares;
  }
  return fewestNodes(suitable, demand);
}

/**
 * Takes GPUs in the given order, each unless it would leave too few to reach `minSuppliers`. Those sets of GPUs are the
 * independent sets of a matroid (the union of "one each of so many suppliers" and "any others"), in which taking the
 * cheapest that still fits gives the cheapest whole.
 */
function pick(offers: readonly FreeOffer[], demand: Demand, order: Order): Share[] | null {
  const others = demand.gpuCount - demand.minSuppliers;
  const shares: Share[] = [];
  const suppliers = new Set<string>();
  let taken = 0;
  for (const offer of [...offers].sort(order)) {
    const gpus: number[] = [];
    for (const gpu of offer.freeGpus) {
      const distinct = suppliers.has(offer.supplier) ? suppliers.size : suppliers.size + 1;
      if (taken === demand.gpuCount || taken + 1 - Math.min(demand.minSuppliers, distinct) > others) break;
      suppliers.add(offer.supplier);
      gpus.push(gpu);
      taken += 1;
    }
    if (gpus.length > 0) shares.push({ offer, gpus });
  }
  return taken === demand.gpuCount ? shares : null;
}

/** The way to the most GPUs on 512 nodes: whole nodes, largest first, by the same rule about suppliers. */
function fewestNodes(offers: readonly FreeOffer[], demand: Demand): Share[] | null {
  const chosen: FreeOffer[] = [];
  const suppliers = new Set<string>();
  for (const offer of [...offers].sort(bySize)) {
    const distinct = suppliers.has(offer.supplier) ? suppliers.size : suppliers.size + 1;
    const fits =
      chosen.length + 1 - Math.min(demand.minSuppliers, distinct) <=
      MAX_LEASES_OF_CLUSTER - demand.minSuppliers;
    if (chosen.length === MAX_LEASES_OF_CLUSTER || !fits) continue;
    suppliers.add(offer.supplier);
    chosen.push(offer);
  }
  return pick(chosen, demand, byPrice);
}

type Order = (a: FreeOffer, b: FreeOffer) => number;

/** Cheapest first; of equal price the node with more free GPUs, so that a demand is spread only as far as it needs. */
const byPrice: Order = (a, b) =>
  compare(a.priceMicroUsdPerGpuHour, b.priceMicroUsdPerGpuHour) ||
  b.gpusFree - a.gpusFree ||
  compare(a.nodeId, b.nodeId);
const bySize: Order = (a, b) => b.gpusFree - a.gpusFree || byPrice(a, b);

/** The cheaper choice first; of equal price the one on fewer nodes, then the one whose first offer comes first. */
function compareChoices(a: readonly Share[], b: readonly Share[]): number {
  const byCost = compare(costOf(a), costOf(b)) || a.length - b.length;
  const [firstA, firstB] = [a[0], b[0]];
  return byCost || firstA === undefined || firstB === undefined
    ? byCost
    : byPrice(firstA.offer, firstB.offer);
}

/** Micro-USD per hour. */
const costOf = (shares: readonly Share[]): bigint =>
  shares.reduce((total, { offer, gpus }) => total + offer.priceMicroUsdPerGpuHour * BigInt(gpus.length), 0n);

const compare = <Value extends bigint | string>(a: Value, b: Value): number => (a === b ? 0 : a < b ? -1 : 1);

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
