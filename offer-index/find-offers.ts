import { type Offer, type Order, problem, type Query, readOrder, type SortKey } from "@ionet/protocol";
import { UNKNOWN } from "./columns/uppers.ts";
import { conditionsOf, rowsFulfilling } from "./conditions.ts";
import { distancesFrom } from "./nearness.ts";
import type { NumberName } from "./offer-columns.ts";
import type { OfferIndex } from "./offer-index.ts";
import type { RankPosition } from "./rows/best-rows.ts";
import type { Rows } from "./rows/bits.ts";
import { type Ask, firstByPrice, firstRows, keyAt } from "./rows/first-rows.ts";

/** What a query finds: the first offers in its order, each with its place, and how many there are in all. */
export type Found = {
  offers: { offer: Offer; place: RankPosition }[];
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
  const matching = index.tally(rows);
  const placed = inOrder(index, rows, order, query.near ?? "", ask);
  index.memory.giveBack(rows);
  return { offers: placed.map(({ row, place }) => ({ offer: index.offerAt(row), place })), matching };
}

function inOrder(
  index: OfferIndex,
  rows: Rows,
  order: Order,
  near: string,
  ask: Ask,
): { row: number; place: RankPosition }[] {
  const { key, falling } = readOrder(order);
  const prices = index.numbers.price.values;
  const placed = (found: readonly number[], keyOf: (row: number) => number) =>
    found.map((row) => ({ row, place: { key: keyOf(row), price: prices[row] ?? 0, id: index.idAt(row) } }));
  if (key === "nearness") {
    const keys = nearnessKeys(index, near, falling);
    const { codes } = index.words.country;
    return placed(firstByNearness(index, rows, keys, ask), (row) => keys[codes[row] ?? -1] ?? UNKNOWN);
  }
  const column = { column: index.numbers[columns[key]], falling };
  return placed(firstRows(index, rows, column, ask), (row) => keyAt(column, row));
}

/** Farthest first counts down from a number of kilometres that no distance reaches. */
const FAR = 100_000;

/** Of each country's code the key by which it comes: kilometres. */
function nearnessKeys(index: OfferIndex, near: string, falling: boolean): number[] {
  const distances = distancesFrom(near);
  return index.words.country.words.map((country) => {
    const km = distances.get(country) ?? UNKNOWN;
    return km === UNKNOWN ? UNKNOWN : falling ? FAR - km : km;
  });
}

/** Country by country, the nearest first, and within one distance by price. */
function firstByNearness(index: OfferIndex, rows: Rows, keys: readonly number[], ask: Ask): number[] {
  const found: number[] = [];
  for (let key = nextKey(keys, -1); found.length < ask.count && key !== undefined; key = nextKey(keys, key)) {
    if (ask.after !== undefined && key < ask.after.key) continue;
    const there = index.memory.copyOf(rows);
    index.words.country.keepFitting(there, (_, code) => keys[code] === key);
    found.push(...firstByPrice(index, there, key, { count: ask.count - found.length, after: ask.after }));
    index.memory.giveBack(there);
  }
  return found;
}

/** The least of the keys above this one. */
function nextKey(keys: readonly number[], above: number): number | undefined {
  let next = Number.POSITIVE_INFINITY;
  for (const key of keys) if (key > above && key < next) next = key;
  return next === Number.POSITIVE_INFINITY ? undefined : next;
}
