import { type Query, queryParts, type Shortage, type Supply } from "@ionet/protocol";
import { conditionsOf, rowsFulfilling } from "./index/conditions.ts";
import type { OfferIndex } from "./index/offer-index.ts";
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
  const conditions = parts.map((part, i) => {
    const others = rowsFulfilling(index, asked.filter((_, other) => other !== i).flat());
    const withoutIt = index.tally(others);
    const relaxed = withoutIt.gpusFree >= wanted ? relaxedPart(index, part, others, wanted, nowMs) : null;
    index.giveBack(others.bits);
    return { condition: part.text, withoutIt, relaxed };
  });
  const tightest = conditions.sort((a, b) => b.withoutIt.gpusFree - a.withoutIt.gpusFree);
  return {
    gpusWanted: wanted,
    gpusFree: matching.gpusFree,
    conditions: tightest,
    advice: adviceFor(wanted, matching, tightest),
  };
}

function adviceFor(wanted: number, matching: Supply, [tightest]: Shortage["conditions"]): string {
  const there = `${gpus(matching.gpusFree)} of ${wanted} wanted ${matching.gpusFree === 1 ? "is" : "are"} free`;
  if (tightest === undefined) return `${there}; nothing more is for hire just now.`;
  const { condition, withoutIt, relaxed } = tightest;
  if (withoutIt.gpusFree < wanted) {
    return `${there}; no one condition alone is why. Without ${condition} there would be ${gpus(withoutIt.gpusFree)}.`;
  }
  const without = `without ${condition} there would be ${gpus(withoutIt.gpusFree)}`;
  if (relaxed === null) return `${there}; ${condition} is the tight condition: ${without}.`;
  return `${there}; ${condition} is the tight condition: ${relaxed.condition} gives ${gpus(relaxed.supply.gpusFree)}, ${without}.`;
}

const gpus = (count: number) => `${count} GPU${count === 1 ? "" : "s"}`;
