import type { Demand } from "@ionet/protocol";
import type { FreeOffer } from "./free-offer.ts";

/*
 * The same choice by trying every way there is: slow, and plain enough to be believed. Tests compare.
 */

/** One way to meet a demand: how many GPUs of each offer. */
export type Taken = { offer: FreeOffer; count: number }[];

/** All ways to take so many GPUs that keep to the limits. */
function allWays(offers: readonly FreeOffer[], demand: Demand): Taken[] {
  const [first, ...others] = offers;
  const walk = (left: number, [next, ...rest]: readonly FreeOffer[]): Taken[] => {
    if (next === undefined) return left === 0 ? [[]] : [];
    return Array.from({ length: Math.min(left, next.gpusFree) + 1 }, (_, count) =>
      walk(left - count, rest).map((taken) => (count === 0 ? taken : [{ offer: next, count }, ...taken])),
    ).flat();
  };
  const ways = first === undefined ? [] : walk(demand.gpuCount, [first, ...others]);
  return ways.filter((taken) => {
    const suppliers = sharesOf(taken).length;
    return (
      taken.length <= (demand.maxNodes ?? 100) &&
      suppliers >= demand.minSuppliers &&
      suppliers <= (demand.maxSuppliers ?? 100)
    );
  });
}

const sharesOf = (taken: Taken): number[] =>
  [...Map.groupBy(taken, ({ offer }) => offer.supplier).values()].map((own) =>
    own.reduce((sum, { count }) => sum + count, 0),
  );
/** Micro-USD per hour. */
export const costOf = (taken: Taken): number =>
  taken.reduce((sum, { offer, count }) => sum + Number(BigInt(count) * offer.priceMicroUsdPerGpuHour), 0);
const least = (ways: Taken[], of: (taken: Taken) => number): Taken[] => {
  const lowest = Math.min(...ways.map(of));
  return ways.filter((taken) => of(taken) === lowest);
};

/** The ways that are placed as asked, on nodes that can all reach each other. */
function placedWays(offers: readonly FreeOffer[], demand: Demand): Taken[] {
  const ways = allWays(offers, demand);
  if (demand.placement === "pack") {
    const inOne = ways.filter((taken) => new Set(taken.map(({ offer }) => offer.region)).size === 1);
    return least(inOne.length > 0 ? inOne : ways, (taken) => taken.length);
  }
  if (demand.placement === "spread") return least(ways, (taken) => Math.max(...sharesOf(taken)));
  return ways;
}

/** What the best way to meet a demand costs, micro-USD per hour; infinity when there is none. */
export function leastCostByTrying(offers: readonly FreeOffer[], demand: Demand): number {
  const groups = [...Map.groupBy(offers, ({ confinement }) => confinement).values()];
  const ways = groups.flatMap((group) => placedWays(group, demand));
  const best = demand.placement === "pack" ? least(ways, (taken) => taken.length) : ways;
  return Math.min(Number.POSITIVE_INFINITY, ...best.map(costOf));
}
