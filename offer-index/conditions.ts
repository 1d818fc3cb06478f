import { type Field, fieldsOf, gpuModelsMeant, type Query } from "@ionet/protocol";
import type { NumberName, WordName } from "./offer-columns.ts";
import type { OfferIndex } from "./offer-index.ts";
import { addRow, BLOCK_WORDS, blockOf, keepBlocks, type Rows } from "./rows/bits.ts";

/** One thing that an offer must be, over the index's columns. Several may come from one condition of the query. */
export type Condition = { field: Field } & (
  | { kind: "words"; column: WordName; fits: (word: string) => boolean }
  | { kind: "names"; column: "suppliers" | "nodes"; names: readonly string[]; negated: boolean }
  | { kind: "number"; column: NumberName; least: number; most: number }
);

const MOST = 4_294_967_293;

const wordColumns: Readonly<Record<string, WordName>> = {
  gpu: "gpuModel",
  country: "country",
  region: "region",
  kind: "supplierKind",
  source: "source",
  interconnect: "interconnect",
  sandbox: "sandbox",
  confinement: "confinement",
  currency: "currencies",
  verified: "verified",
  simulated: "simulated",
  bookable: "bookable",
  interruptible: "interruptible",
};

const nameColumns: Readonly<Record<string, "suppliers" | "nodes">> = { supplier: "suppliers", node: "nodes" };

const numberColumns: Readonly<Record<string, NumberName>> = {
  gpus: "gpusFree",
  vram: "vramMib",
  tflops: "milliTflops",
  price: "price",
  interruptible_price: "interruptiblePrice",
  reliability: "reliability",
  reliability_sure: "reliabilityLowerBound",
  hired_hours: "hiredHours",
  cpus: "cpus",
  ram: "memoryMib",
  disk: "diskFreeMib",
  up: "upMbps",
  down: "downMbps",
  cuda: "cudaVersion",
  driver: "driverVersion",
};

/** What a query asks of each offer. `nowMs`: a duration is counted from now. */
export function conditionsOf(query: Query, index: OfferIndex, nowMs: number): Condition[] {
  return fieldsOf(query).flatMap((field): Condition[] => {
    if (field.kind === "number") return boundsOf(field, query);
    if (field.kind === "flag") return flagOf(field, query);
    if (field.kind === "words") return wordsOf(field, query, index);
    return field.name === "duration" ? durationOf(field, query, nowMs) : [];
  });
}

function boundsOf(field: Extract<Field, { kind: "number" }>, query: Query): Condition[] {
  const column = numberColumns[field.name];
  const [min, max] = [query[field.min], query[field.max]];
  if (column === undefined || (min === undefined && max === undefined)) return [];
  const code = (value: unknown) => Number(field.unit.fromWire(String(value)));
  const least = min === undefined ? 0 : code(min);
  return [{ field, kind: "number", column, least, most: max === undefined ? MOST : code(max) }];
}

function flagOf(field: Extract<Field, { kind: "flag" }>, query: Query): Condition[] {
  const [column, wanted] = [wordColumns[field.name], query[field.is]];
  if (column === undefined || wanted === undefined) return [];
  return [{ field, kind: "words", column, fits: (word) => word === String(wanted) }];
}

function wordsOf(field: Extract<Field, { kind: "words" }>, query: Query, index: OfferIndex): Condition[] {
  const asked = [
    [query[field.is], false],
    [query[field.not], true],
  ] as const;
  return asked.flatMap(([value, negated]): Condition[] => {
    if (!Array.isArray(value)) return [];
    const names = nameColumns[field.name];
    if (names !== undefined) return [{ field, kind: "names", column: names, names: value, negated }];
    const column = wordColumns[field.name];
    if (column === undefined) return [];
    const meant = new Set(
      column === "gpuModel"
        ? value.flatMap((word) => gpuModelsMeant(word, index.words.gpuModel.words))
        : value,
    );
    const has = (word: string) =>
      column === "currencies" ? word.split(" ").some((one) => meant.has(one)) : meant.has(word);
    return [{ field, kind: "words", column, fits: negated ? (word) => !has(word) : has }];
  });
}

function durationOf(field: Field, { durationSeconds }: Query, nowMs: number): Condition[] {
  if (durationSeconds === undefined) return [];
  const end = Math.ceil(nowMs / 1000) + durationSeconds;
  return [
    { field, kind: "number", column: "minSeconds", least: 0, most: durationSeconds },
    { field, kind: "number", column: "maxSeconds", least: durationSeconds, most: MOST },
    { field, kind: "number", column: "availableUntil", least: end, most: MOST },
  ];
}

/** Leaves those blocks in a set's scope that can have rows that fulfil a condition. */
function keepBlocksFor(index: OfferIndex, condition: Condition, rows: Rows): void {
  if (condition.kind === "number") {
    index.numbers[condition.column].keepBlocks(rows, condition.least, condition.most);
  } else if (condition.kind === "names" && !condition.negated) {
    const named = condition.names.flatMap((name) => index[condition.column].rowsOf(name));
    const some = new Set(named.map(blockOf));
    keepBlocks(rows, (block) => some.has(block));
  }
}

/** The offers that fulfil all conditions; give them back to the index's memory. */
export function rowsFulfilling(index: OfferIndex, conditions: readonly Condition[]): Rows {
  // All rows of a block are of one model: where it fits, they fulfil that condition.
  const models = conditions.flatMap((one) => (one.kind === "words" && one.column === "gpuModel" ? one : []));
  const rest = conditions.filter((one) => one.kind !== "words" || one.column !== "gpuModel");
  const fits = models.length === 0 ? null : (model: string) => models.every((one) => one.fits(model));
  const rows = index.rowsOf(fits, (scope) => {
    for (const condition of rest) keepBlocksFor(index, condition, scope);
  });
  // Numbers last: of the rows that are left then, few are so near to a bound that they must be looked at.
  for (const condition of rest) if (condition.kind !== "number") keepFulfilling(index, condition, rows);
  for (const condition of rest) if (condition.kind === "number") keepFulfilling(index, condition, rows);
  return rows;
}

/** Keeps the rows that fulfil a condition. */
export function keepFulfilling(index: OfferIndex, condition: Condition, rows: Rows): void {
  if (condition.kind === "number") {
    index.numbers[condition.column].keepBetween(rows, condition.least, condition.most);
  } else if (condition.kind === "words") {
    index.words[condition.column].keepFitting(rows, condition.fits);
  } else {
    const named = index.memory.borrowBits();
    for (let i = 0; i < rows.blocks; i++) {
      const start = (rows.scope[i] ?? 0) * BLOCK_WORDS;
      named.fill(0, start, start + BLOCK_WORDS);
    }
    for (const name of condition.names) {
      for (const row of index[condition.column].rowsOf(name)) addRow(named, row);
    }
    index.memory.keepCommon(rows, named, !condition.negated);
    index.memory.freeBits(named);
  }
}
