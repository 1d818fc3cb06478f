import { type Query, queryParts, type Shortage, type Supply } from "@ionet/protocol";
import { conditionsOf, rowsFulfilling } from "./conditions.ts";
import type { OfferIndex } from "./offer-index.ts";
import { relaxedPart } from "./relaxed-part.ts";

/** What is wanted when nothing is said: one GPU. */
const ANY = 1;
/** Words of a query that no offer can fail. */
const wishes = new Set(["count", "near", "sort"]);

/**
 * Why a query finds fewer GPUs than it wants: for each of its conditions, what there would be without it, and the nearest
 * value that would bring what is wanted. Null when it finds enough.
 */
export function explainShortage(
  index: OfferIndex,
  query: Query,
  nowMs: number,
  matching: Supply,
): Shortage | null {
  const wanted = query.gpuCount ?? ANY;
  if (matching.gpusFree >= wanted) return null;
  const parts = queryParts(query).filter((part) => !wishes.has(part.field.name));
  const asked = parts.map((part) => conditionsOf(part.query, index, nowMs));
  const without = (dropped: ReadonlySet<number>) =>
    rowsFulfilling(index, asked.filter((_, other) => !dropped.has(other)).flat());
  const conditions = parts.map((part, i) => {
    const others = without(new Set([i]));
    const withoutIt = index.tally(others);
    const relaxed = withoutIt.gpusFree >= wanted ? relaxedPart(index, part, others, wanted, nowMs) : null;
    index.memory.giveBack(others);
    return { condition: part.text, withoutIt, relaxed };
  });
  const order = [...conditions.keys()].sort(
    (a, b) => (conditions[b]?.withoutIt.gpusFree ?? 0) - (conditions[a]?.withoutIt.gpusFree ?? 0),
  );
  const tightest = order.flatMap((i) => conditions[i] ?? []);
  const supplyWithout = (dropped: ReadonlySet<number>): Supply => {
    const rows = without(dropped);
    const supply = index.tally(rows);
    index.memory.giveBack(rows);
    return supply;
  };
  const alone = (tightest[0]?.withoutIt.gpusFree ?? 0) >= wanted;
  // Who asks for a model wants that model: it is the last to be dropped.
  const [models, others] = [true, false].map((isModel) =>
    order.filter((i) => (parts[i]?.field.name === "gpu") === isModel),
  );
  const dropped = alone
    ? null
    : fewestTogether([...(others ?? []), ...(models ?? [])], wanted, supplyWithout);
  const together =
    dropped === null
      ? null
      : {
          conditions: order.filter((i) => dropped.has(i)).flatMap((i) => parts[i]?.text ?? []),
          withoutThem: supplyWithout(dropped),
        };
  const shortage = { gpusWanted: wanted, gpusFree: matching.gpusFree, conditions: tightest, together };
  return { ...shortage, advice: adviceFor(shortage) };
}

/**
 * Conditions that bring what is wanted when all of them are dropped, none of which could stay: dropped one after the other
 * until there is enough, and then each is tried whether it may stay after all. Null when even without any condition there
 * is too little.
 */
function fewestTogether(
  order: readonly number[],
  wanted: number,
  supplyWithout: (dropped: ReadonlySet<number>) => Supply,
): Set<number> | null {
  const isEnough = (dropped: ReadonlySet<number>) => supplyWithout(dropped).gpusFree >= wanted;
  if (!isEnough(new Set(order))) return null;
  const dropped = new Set<number>();
  for (const i of order) {
    dropped.add(i);
    if (isEnough(dropped)) break;
  }
  for (const i of [...dropped]) {
    dropped.delete(i);
    if (!isEnough(dropped)) dropped.add(i);
  }
  return dropped;
}

function adviceFor({ gpusWanted, gpusFree, conditions, together }: Omit<Shortage, "advice">): string {
  const there = `${gpus(gpusFree)} of ${gpusWanted} wanted ${gpusFree === 1 ? "is" : "are"} free`;
  const [tightest] = conditions;
  if (together !== null) {
    return `${there}; only together ${together.conditions.join(" and ")} are the tight conditions: without them there would be ${gpus(together.withoutThem.gpusFree)}.`;
  }
  if (tightest === undefined || tightest.withoutIt.gpusFree < gpusWanted) {
    return `${there}; count=${gpusWanted} is the tight one: there are not so many free, whatever the other conditions.`;
  }
  const { condition, withoutIt, relaxed } = tightest;
  const without = `without ${condition} there would be ${gpus(withoutIt.gpusFree)}`;
  if (relaxed === null) return `${there}; ${condition} is the tight condition: ${without}.`;
  return `${there}; ${condition} is the tight condition: ${relaxed.condition} gives ${gpus(relaxed.supply.gpusFree)}, ${without}.`;
}

const gpus = (count: number) => `${count} GPU${count === 1 ? "" : "s"}`;
