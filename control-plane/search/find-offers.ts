import { type Offer, type Order, problem, type Query, readOrder, type SortKey } from "@ionet/protocol";
import { clearRows, countRows, eachRow, keepCommon, type Rows } from "./index/bits.ts";
import { conditionsOf, rowsFulfilling } from "./index/conditions.ts";
import { type Ask, firstByPrice, firstInColumn, numberKey, type Place } from "./index/first-rows.ts";
import { UNKNOWN } from "./index/number-column.ts";
import type { NumberName } from "./index/offer-columns.ts";
import type { OfferIndex } from "./index/offer-index.ts";
import { distancesFrom } from "./nearness.ts";

/** What a query finds: the first offers in its order, each with its place, and how many there are in all. */
export type Found = {
  offers: { offer: Offer; place: Place }[];
  matching: { offers: number; gpusFree: number };
};

const columns: Readonly<Record<Exclude<SortKey, "nearness">, NumberName>> = {
  price: "price",
  "price/tflop": "pricePerTflop",
  interruptible_price: "interruptiblePrice",
  // By the lower bound, so that a short history does not stand before a long one.
  reliability: "reliabilityLowerBound",
  vram: "vramMib",
  tflops: "milliTflops",
  gpus: "gpusFree",
  disk: "diskFreeMib",
  ram: "memoryMib",
  cpus: "cpus",
  up: "upMbps",
  down: "downMbps",
};

/** The order a query asks for: nearest first when it says where, else cheapest first. */
export function orderOf(query: Query): Order {
  const order = query.sort ?? (query.near === undefined ? "price" : "nearness");
  if (readOrder(order).key !== "nearness" || query.near !== undefined) return order;
  throw problem("invalid-request", {
    detail: "nearness needs a place to be near to",
    field: "sort",
    given: order,
    allowed: "nearness together with near",
    next: "Say where, for example near=DE or near=eu, or sort by something else.",
  });
}

/** The offers that a query finds, `ask.count` of them in its order after `ask.after`, and how many match in all. */
export function findOffers(index: OfferIndex, query: Query, nowMs: number, ask: Ask): Found {
  const order = orderOf(query);
  const rows = rowsFulfilling(index, conditionsOf(query, index, nowMs));
  const matching = tally(index, rows);
  const placed = inOrder(index, rows, order, query.near ?? "", ask);
  index.giveBack(rows.bits);
  return { offers: placed.map(({ row, place }) => ({ offer: index.offerAt(row), place })), matching };
}

/** So few rows are visited, which is faster than to look at the bits of their numbers. */
const FEW = 4096;

/** How many offers a set holds, and how many GPUs are free in them. */
export function tally(index: OfferIndex, rows: Rows): Found["matching"] {
  const offers = countRows(rows);
  if (offers > FEW) return { offers, gpusFree: index.gpusFree.over(rows) };
  const free = index.numbers.gpusFree.values;
  let gpusFree = 0;
  eachRow(rows, (row) => {
    gpusFree += free[row] ?? 0;
  });
  return { offers, gpusFree };
}

function inOrder(
  index: OfferIndex,
  rows: Rows,
  order: Order,
  near: string,
  ask: Ask,
): { row: number; place: Place }[] {
  const { key, falling } = readOrder(order);
  const prices = index.numbers.price.values;
  const placed = (found: readonly number[], keyOf: (row: number) => number) =>
    found.map((row) => ({ row, place: { key: keyOf(row), price: prices[row] ?? 0, id: index.idAt(row) } }));
  if (key === "nearness") {
    const keyOf = nearnessKey(index, near, falling);
    return placed(firstByNearness(index, rows, near, falling, ask), keyOf);
  }
  const column = index.numbers[columns[key]];
  return placed(firstInColumn(index, rows, column, falling, ask), numberKey(column, falling));
}

/** Kilometres; farthest first counts down from a number no distance reaches. */
const FAR = 100_000;
const distanceKey = (km: number | undefined, falling: boolean): number =>
  km === undefined || km === UNKNOWN ? UNKNOWN : falling ? FAR - km : km;

function nearnessKey(index: OfferIndex, near: string, falling: boolean): (row: number) => number {
  const distances = distancesFrom(near);
  const { codes, words } = index.words.country;
  const keys = words.map((country) => distanceKey(distances.get(country), falling));
  return (row) => keys[codes[row] ?? -1] ?? UNKNOWN;
}

/** Country by country, the nearest first, and within one distance by price. */
function firstByNearness(index: OfferIndex, rows: Rows, near: string, falling: boolean, ask: Ask): number[] {
  const distances = distancesFrom(near);
  const byKey = new Map<number, Set<string>>();
  for (const country of index.words.country.words) {
    const key = distanceKey(distances.get(country), falling);
    byKey.set(key, (byKey.get(key) ?? new Set()).add(country));
  }
  const found: number[] = [];
  const some: Rows = { bits: index.borrowBits(), scope: rows.scope };
  for (const [key, countries] of [...byKey].sort(([a], [b]) => a - b)) {
    if (found.length >= ask.count) break;
    if (ask.after !== undefined && key < ask.after.key) continue;
    clearRows(some.bits, some.scope);
    index.words.country.addRowsOf(some, (country) => countries.has(country));
    keepCommon(some, rows.bits);
    found.push(...firstByPrice(index, some, key, { count: ask.count - found.length, after: ask.after }));
  }
  index.giveBack(some.bits);
  return found;
}
