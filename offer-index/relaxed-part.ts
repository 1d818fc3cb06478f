import {
  decodeParameters,
  type Field,
  formatQuery,
  type Query,
  type QueryPart,
  type Supply,
  wireOf,
} from "@ionet/protocol";
import { type Condition, conditionsOf, keepFulfilling } from "./conditions.ts";
import type { OfferIndex } from "./offer-index.ts";
import type { Rows } from "./rows/bits.ts";
import { firstRows } from "./rows/first-rows.ts";

/** Which word brings most is judged by so many offers; what it brings is counted in full. */
const MOST_VISITED = 20_000;

/** A condition that asks less, and what there would be with it. */
export type RelaxedCondition = { condition: string; supply: Supply };

/** Rows beyond a bound that are looked at: each has a GPU at least, so no more are needed than GPUs are wanted. */
const MOST_ROWS = 1000;

/**
 * The nearest condition to a query's part that lets through as many GPUs as wanted, of the rows that fulfil everything
 * else. Null when no single bound or word does; then the condition can only be dropped.
 */
export function relaxedPart(
  index: OfferIndex,
  part: QueryPart,
  others: Rows,
  wanted: number,
  nowMs: number,
): RelaxedCondition | null {
  const conditions = conditionsOf(part.query, index, nowMs);
  const [only, second] = conditions;
  if (only === undefined || second !== undefined) return null;
  const queries =
    only.kind === "number"
      ? wider(index, part, only, others, wanted)
      : only.kind === "words"
        ? withMoreWords(index, part, only, others)
        : [];
  const found = queries.map((query) => ({
    condition: formatQuery(query),
    supply: supplyOf(index, query, others, nowMs),
  }));
  const enough = found.filter(({ supply }) => supply.gpusFree >= wanted);
  // The least that is enough is the nearest to what was asked.
  return enough.sort((a, b) => a.supply.gpusFree - b.supply.gpusFree)[0] ?? null;
}

function supplyOf(index: OfferIndex, query: Query, others: Rows, nowMs: number): Supply {
  const rows = index.memory.copyOf(others);
  for (const condition of conditionsOf(query, index, nowMs)) keepFulfilling(index, condition, rows);
  const supply = index.tally(rows);
  index.memory.giveBack(rows);
  return supply;
}

/** The part with its lower or its upper bound moved as far as is needed. */
function wider(
  index: OfferIndex,
  { field, query }: QueryPart,
  condition: Extract<Condition, { kind: "number" }>,
  others: Rows,
  wanted: number,
): Query[] {
  if (field.kind !== "number") return [];
  const column = index.numbers[condition.column];
  const { least, most } = condition;
  const sides = [
    { parameter: field.min, falling: true, from: 0, to: least - 1 },
    { parameter: field.max, falling: false, from: most + 1, to: 0xffff_fffe },
  ] as const;
  return sides.flatMap(({ parameter, falling, from, to }): Query[] => {
    if (query[parameter] === undefined || from > to) return [];
    // A node with more free than was asked for can be hired in part: no upper bound, rather than a higher one.
    if (field.name === "gpus" && parameter === field.max && query[field.min] !== undefined) {
      return askable({ ...wireOf(query), [parameter]: undefined });
    }
    const beyond = index.memory.copyOf(others);
    column.keepBetween(beyond, from, to);
    const count = Math.min(wanted, MOST_ROWS);
    const last = reaching(
      index,
      firstRows(index, beyond, { column, falling }, { count, after: undefined }),
      others,
      condition,
      wanted,
    );
    index.memory.giveBack(beyond);
    if (last === undefined) return [];
    return withBound(field, query, parameter, BigInt(column.values[last] ?? 0));
  });
}

/** The first of these rows with which there are enough GPUs, those within the bounds counted. */
function reaching(
  index: OfferIndex,
  rows: readonly number[],
  others: Rows,
  condition: Condition,
  wanted: number,
): number | undefined {
  const within = index.memory.copyOf(others);
  keepFulfilling(index, condition, within);
  let gpus = index.tally(within).gpusFree;
  index.memory.giveBack(within);
  return rows.find((row) => {
    gpus += index.offerAt(row).gpusFree;
    return gpus >= wanted;
  });
}

function withBound(field: Field, query: Query, parameter: keyof Query, units: bigint): Query[] {
  if (field.kind !== "number") return [];
  return askable({ ...wireOf(query), [parameter]: field.unit.toWire(units) });
}

/** The query of these parameters; none where nobody can ask so: a list is full, or a node calls its GPU what is no model. */
function askable(wire: Readonly<Record<string, string | undefined>>): Query[] {
  const given = Object.entries(wire).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  const read = decodeParameters(Object.fromEntries(given));
  return "query" in read ? [read.query] : [];
}

/** The part with the one word more that brings the most; or, of words that are not wanted, with that one less. */
function withMoreWords(
  index: OfferIndex,
  { field, query }: QueryPart,
  condition: Extract<Condition, { kind: "words" }>,
  others: Rows,
): Query[] {
  if (field.kind !== "words") return [];
  const column = index.words[condition.column];
  const gpus = index.memory.sumByCode(others, column.codes, index.numbers.gpusFree.values, {
    known: column.words.length,
    most: MOST_VISITED,
  });
  for (const [code, word] of column.words.entries()) if (condition.fits(word)) gpus[code] = 0;
  const most = Math.max(0, ...gpus);
  const best = gpus.indexOf(most);
  const wire = wireOf(query);
  const [is, not] = [wire[field.is], wire[field.not]];
  if (most === 0) return [];
  if (is !== undefined) return askable({ ...wire, [field.is]: `${is},${column.words[best] ?? ""}` });
  const rest = (not ?? "").split(",").filter((word) => word !== column.words[best]);
  return rest.length === 0 ? [] : askable({ ...wire, [field.not]: rest.join(",") });
}
