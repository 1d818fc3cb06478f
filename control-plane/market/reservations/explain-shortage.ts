import {
  byReach,
  choose,
  chooseFromAll,
  type Effort,
  type FreeOffer,
  mostEffort,
  type Share,
  suits,
} from "@ionet/placement";
import { type Demand, formatUnits, MAX_LEASES_OF_CLUSTER, type Problem, problem } from "@ionet/protocol";

/**
 * Says what a demand that can't be met is short of, and the nearest thing that can be had now. `all` are the offers
 * with those that can't be hired for so long, or in this currency; `kept`: how many GPUs are reserved for requests that
 * wait for them.
 */
export function explainShortage(
  hirable: readonly FreeOffer[],
  demand: Demand,
  { all, kept }: { all: readonly FreeOffer[]; kept: number } = { all: hirable, kept: 0 },
): Problem {
  const offers = hirable.filter((offer) => offer.gpuModel === demand.gpuModel && offer.gpusFree > 0);
  // Of all that is tried for one answer together.
  const effort = mostEffort();
  const suitable = offers.filter((offer) => suits(offer, demand));
  const { free, suppliers } = supplyOf(suitable);
  const groups = [...byReach(suitable)].map(([kind, group]) => ({ kind, ...supplyOf(group) }));
  // What can be had together: the most GPUs, and the most suppliers, whose nodes reach each other.
  const most = {
    free: Math.max(0, ...groups.map((group) => group.free)),
    suppliers: Math.max(0, ...groups.map((group) => group.suppliers)),
  };
  const apart = groups.length > 1 && chooseFromAll(offers, demand, effort) !== null;
  const together = apart ? " on nodes that can reach each other" : "";
  const from = (count: number) => `${count} ${count === 1 ? "supplier" : "suppliers"}`;
  const asked = `${demand.gpuCount} × ${demand.gpuModel}${demand.minSuppliers > 1 ? ` from at least ${from(demand.minSuppliers)}` : ""}`;
  const short =
    most.free < demand.gpuCount
      ? { field: "gpuCount", given: String(demand.gpuCount), allowed: `at most ${most.free} now${together}` }
      : most.suppliers < demand.minSuppliers
        ? {
            field: "minSuppliers",
            given: String(demand.minSuppliers),
            allowed: `at most ${most.suppliers} now${together}`,
          }
        : {
            field: "gpuCount",
            given: String(demand.gpuCount),
            allowed: `what ${MAX_LEASES_OF_CLUSTER} nodes${apart ? " that can reach each other" : ""} can give together`,
          };
  const ways = nearest(offers, demand, { there: most, effort });
  const reach = apart
    ? `, which would be enough, but nodes of different confinement can't reach each other: ${groups
        .map((group) => `${group.kind} ${group.free}, from ${from(group.suppliers)}`)
        .join("; ")}`
    : "";
  return problem("supply-insufficient", {
    detail: `asked: ${asked}${conditions(demand)}; free now: ${free}, from ${from(suppliers)}${reach}${notSo(all, offers, demand)}${keptText(kept)}`,
    ...short,
    next:
      ways.length > 0
        ? `Can be had now: ${ways.join("; or ")}.`
        : `No ${demand.gpuModel} is free now. Try later, or another model: \`ionet search\` shows what is free.`,
  });
}

/** What is free besides, at terms that this demand does not fit. */
function notSo(all: readonly FreeOffer[], offers: readonly FreeOffer[], demand: Demand): string {
  const known = new Set(offers.map((offer) => `${offer.nodeId} ${offer.simulated}`));
  const others = supplyOf(
    all.filter((offer) => !known.has(`${offer.nodeId} ${offer.simulated}`) && suits(offer, demand)),
  );
  if (others.free === 0) return "";
  return `; ${others.free} more can't be hired for ${demand.durationSeconds} s from now or for ${demand.currency}: their terms or windows are shorter, longer or in another currency`;
}

const keptText = (kept: number): string =>
  kept === 0
    ? ""
    : `; ${kept} more are reserved for requests that wait longer: a shorter lease could still have them`;

const supplyOf = (offers: readonly FreeOffer[]) => ({
  free: offers.reduce((total, offer) => total + offer.gpusFree, 0),
  suppliers: new Set(offers.map((offer) => offer.supplier)).size,
});

function conditions(demand: Demand): string {
  const parts = [
    ...(demand.maxPriceMicroUsdPerGpuHour === undefined
      ? []
      : [`up to ${usd(demand.maxPriceMicroUsdPerGpuHour)}`]),
    ...(demand.countries === undefined ? [] : [`in ${demand.countries.join(", ")}`]),
    ...(demand.supplierKinds === undefined ? [] : [`of kind ${demand.supplierKinds.join(", ")}`]),
  ];
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

/** Changes of one condition that make the demand one that can be met, nearest first, each with its price. */
function nearest(
  offers: readonly FreeOffer[],
  demand: Demand,
  { there, effort }: { there: { free: number; suppliers: number }; effort: Effort },
): string[] {
  const { maxPriceMicroUsdPerGpuHour: _p, ...anyPrice } = demand;
  const { countries: _c, ...anywhere } = demand;
  const { supplierKinds: _k, ...anyKind } = demand;
  const changes: [text: (shares: Share[]) => string, changed: Demand][] = [
    [() => `minSuppliers ${there.suppliers}`, { ...demand, minSuppliers: there.suppliers }],
    [() => `gpuCount ${there.free}`, { ...demand, gpuCount: there.free }],
    [
      () => `gpuCount ${there.free} with minSuppliers ${there.suppliers}`,
      { ...demand, gpuCount: there.free, minSuppliers: there.suppliers },
    ],
    [(shares) => `maxPriceMicroUsdPerGpuHour ${dearest(shares)}`, anyPrice],
    [(shares) => `countries ${[...new Set(shares.map(({ offer }) => offer.country))].join(", ")}`, anywhere],
    [
      (shares) => `supplierKinds ${[...new Set(shares.map(({ offer }) => offer.supplierKind))].join(", ")}`,
      anyKind,
    ],
  ];
  const ways: string[] = [];
  for (const [text, changed] of changes) {
    if (changed.gpuCount < Math.max(1, changed.minSuppliers) || changed.minSuppliers < 1) continue;
    if (!isEasier(changed, demand)) continue;
    // Fewer GPUs from fewer suppliers is said only when neither change alone is enough.
    if (text([]).includes(" with ") && ways.length > 0) continue;
    const shares = choose(offers, changed, effort);
    if (shares === null) continue;
    ways.push(`${text(shares)} (at most ${usd(dearest(shares))} per GPU-hour)`);
  }
  return ways;
}

/** Whether a demand asks for less than one that was refused: the same, or more, would be refused again. */
const isEasier = (changed: Demand, refused: Demand): boolean =>
  changed.gpuCount <= refused.gpuCount &&
  changed.minSuppliers <= refused.minSuppliers &&
  (changed.gpuCount < refused.gpuCount ||
    changed.minSuppliers < refused.minSuppliers ||
    Object.keys(changed).length < Object.keys(refused).length);

/** The highest price among these, in micro-USD per GPU-hour. */
function dearest(shares: readonly Share[]): bigint {
  const prices = shares.map(({ offer }): bigint => offer.priceMicroUsdPerGpuHour);
  return prices.sort((a, b) => (a < b ? 1 : -1))[0] ?? 0n;
}
const usd = (microUsd: bigint): string => `$${formatUnits(microUsd, 6)}`;
