import { type Candidate, cheaper, costOf, type Limits, type Part, suppliersOf } from "./candidate.ts";
import { onFewNodes } from "./few-nodes.ts";
import { takeCheapest } from "./take-cheapest.ts";

/** Suppliers that are tried beside the chosen ones. */
const CONTENDERS = 40;

/**
 * The cheapest choice of at most `maxSuppliers` suppliers on at most `maxNodes` nodes; null when none is found. Where the
 * limit of suppliers binds: suppliers are added one by one, each the one that makes most of the rest cheap, and then
 * exchanged one for one as long as that is cheaper.
 * @param sorted candidates, cheapest first
 */
export function fromFewSuppliers(sorted: readonly Candidate[], limits: Limits): Part[] | null {
  if (mostGpus(sorted, limits) < limits.count) return null;
  const any = onFewNodes(sorted, limits);
  if (any === null || suppliersOf(any) <= limits.maxSuppliers) return any;
  const groups = contenders(sorted, limits);
  let chosen = grow(groups, limits);
  if (chosen === null) return null;
  let best = solve(groups, chosen, limits);
  for (let better = true; better; ) {
    better = false;
    for (const out of chosen) {
      for (const other of groups.keys()) {
        if (limits.effort.left <= 0) return best;
        if (chosen.has(other)) continue;
        const tried: Set<string> = new Set([...chosen].filter((name) => name !== out).concat(other));
        const parts = cheaper(best, solve(groups, tried, limits));
        if (parts === null || (best !== null && costOf(parts) >= costOf(best))) continue;
        best = parts;
        chosen = tried;
        better = true;
        break;
      }
      if (better) break;
    }
  }
  return best;
}

/** What the largest suppliers can give: where even that is too little, nothing has to be tried. */
function mostGpus(sorted: readonly Candidate[], { maxSuppliers, maxOfSupplier }: Limits): number {
  const free = new Map<string, number>();
  for (const { offer } of sorted)
    free.set(offer.supplier, Math.min(maxOfSupplier, (free.get(offer.supplier) ?? 0) + offer.gpusFree));
  const largest = [...free.values()].sort((a, b) => b - a).slice(0, maxSuppliers);
  return largest.reduce((sum, gpus) => sum + gpus, 0);
}

type Groups = ReadonlyMap<string, Candidate[]>;

const of = (groups: Groups, names: Iterable<string>): Candidate[] => {
  const wanted = new Set(names);
  return [...groups].flatMap(([name, candidates]) => (wanted.has(name) ? candidates : []));
};

const solve = (groups: Groups, names: ReadonlySet<string>, limits: Limits): Part[] | null =>
  onFewNodes(sortedOf(groups, names), limits);

const sortedOf = (groups: Groups, names: Iterable<string>): Candidate[] =>
  of(groups, names).sort((a, b) =>
    a.price < b.price ? -1 : a.price > b.price ? 1 : b.offer.gpusFree - a.offer.gpusFree,
  );

/** Supplier by supplier, each time the one with which the most GPUs, then the cheapest, can be had. */
function grow(groups: Groups, limits: Limits): Set<string> | null {
  const chosen = new Set<string>();
  while (chosen.size < limits.maxSuppliers) {
    let best: { name: string; have: number; cost: bigint } | null = null;
    // What this many suppliers should give when the rest is shared evenly.
    const goal = Math.ceil((limits.count * (chosen.size + 1)) / limits.maxSuppliers);
    for (const name of groups.keys()) {
      if (chosen.has(name)) continue;
      if (limits.effort.left <= 0) return withLargest(groups, chosen, limits);
      const candidates = sortedOf(groups, [...chosen, name]);
      limits.effort.left -= candidates.length;
      const have = Math.min(
        goal,
        candidates.reduce((sum, { offer }) => sum + offer.gpusFree, 0),
      );
      const cost = costOf(takeCheapest(candidates, { ...limits, count: have, minSuppliers: 1 }) ?? []);
      if (best === null || have > best.have || (have === best.have && cost < best.cost))
        best = { name, have, cost };
    }
    if (best === null) break;
    chosen.add(best.name);
  }
  return freeOf(of(groups, chosen)) >= limits.count ? chosen : null;
}

const freeOf = (candidates: readonly Candidate[]): number =>
  candidates.reduce((sum, { offer }) => sum + offer.gpusFree, 0);

/** Where there is no more time to compare them: the suppliers that have most besides. */
function withLargest(groups: Groups, some: ReadonlySet<string>, limits: Limits): Set<string> | null {
  const others = [...groups].filter(([name]) => !some.has(name));
  const largest = others
    .map(([name, candidates]) => ({ name, free: freeOf(candidates) }))
    .sort((a, b) => b.free - a.free)
    .slice(0, limits.maxSuppliers - some.size);
  const chosen = new Set([...some, ...largest.map(({ name }) => name)]);
  return freeOf(of(groups, chosen)) >= limits.count ? chosen : null;
}

/** The suppliers that can give a fair share cheapest, and those that have most. */
function contenders(sorted: readonly Candidate[], limits: Limits): Groups {
  const groups = new Map<string, Candidate[]>();
  for (const candidate of sorted) {
    const { supplier } = candidate.offer;
    groups.set(supplier, [...(groups.get(supplier) ?? []), candidate]);
  }
  if (groups.size <= CONTENDERS) return groups;
  const share = Math.ceil(limits.count / limits.maxSuppliers);
  const ranked = [...groups].map(([name, candidates]) => {
    const free = candidates.reduce((sum, { offer }) => sum + offer.gpusFree, 0);
    const have = Math.min(free, share);
    const cost = costOf(takeCheapest(candidates, { ...limits, count: have, minSuppliers: 1 }) ?? []);
    return { name, free, have, cost };
  });
  const cheap = ranked.toSorted(
    (a, b) => b.have - a.have || (a.cost < b.cost ? -1 : a.cost > b.cost ? 1 : 0),
  );
  const large = ranked.toSorted((a, b) => b.free - a.free);
  const kept = [...cheap.slice(0, CONTENDERS), ...large.slice(0, limits.maxSuppliers)];
  return new Map(kept.map(({ name }) => [name, groups.get(name) ?? []]));
}
