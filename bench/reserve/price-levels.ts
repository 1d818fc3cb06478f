import type { GpuSet } from "../../control-plane/supply/inventory/allocation/gpu-set.ts";

/** The GPUs of one model and one price on one node. */
export type Lot = {
  /** The node's number in the database. */
  nodeNumber: number;
  gpus: GpuSet;
  price: bigint;
  /** How many of its GPUs are free; changed by its level alone. */
  free: number;
  /** Where it stands in its level's list. */
  place: number;
};

/** So many GPUs of a lot. */
export type PriceLevelShare = { lot: Lot; count: number };

/** All lots of one price, in lists by how many GPUs each has free. */
type Level = { price: bigint; byFree: Lot[][]; anyFree: number };

/**
 * The lots of one GPU model whose nodes can reach each other, cheapest first. A lot that gains or loses GPUs moves
 * between two lists; nothing is sorted or searched, however many lots there are.
 */
export class PriceLevels {
  /** Ascending by price. */
  private readonly levels: Level[] = [];
  private readonly levelOf = new Map<bigint, Level>();
  /** No level before this one has anything free. */
  private firstFree = 0;

  add(lot: Lot): void {
    const level = this.levelOf.get(lot.price) ?? this.insertLevel(lot.price);
    push(level, lot);
    if (lot.free > 0) this.firstFree = Math.min(this.firstFree, this.indexOf(level.price));
  }

  /** A lot has this many GPUs free now. */
  move(lot: Lot, free: number): void {
    const level = this.levelOf.get(lot.price);
    if (level === undefined || lot.free === free) return;
    const gains = free > lot.free;
    take(level, lot);
    lot.free = free;
    push(level, lot);
    const first = this.levels[this.firstFree];
    if (gains && (first === undefined || level.price < first.price))
      this.firstFree = this.indexOf(level.price);
  }

  /**
   * The cheapest `count` GPUs, as how many of which lot; of equal price on as few nodes as can be, and
   * the last of them on the lot that it fills best. Null when there are not enough. Changes nothing.
   */
  cheapest(count: number): PriceLevelShare[] | null {
    const chosen: PriceLevelShare[] = [];
    let left = count;
    let stillFull = true;
    for (let index = this.firstFree; index < this.levels.length && left > 0; index++) {
      const level = this.levels[index];
      if (level === undefined || level.anyFree === 0) continue;
      if (stillFull) this.firstFree = index;
      stillFull = false;
      left = chooseFrom(level, left, chosen);
    }
    return left === 0 ? chosen : null;
  }

  private insertLevel(price: bigint): Level {
    const level: Level = { price, byFree: [], anyFree: 0 };
    const at = this.indexOf(price);
    this.levels.splice(at, 0, level);
    if (at <= this.firstFree) this.firstFree = at;
    this.levelOf.set(price, level);
    return level;
  }

  /** The place of the first level that is not cheaper. */
  private indexOf(price: bigint): number {
    let low = 0;
    let high = this.levels.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const level = this.levels[middle];
      if (level !== undefined && level.price < price) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function push(level: Level, lot: Lot): void {
  while (level.byFree.length <= lot.free) level.byFree.push([]);
  const list = level.byFree[lot.free] ?? [];
  lot.place = list.length;
  list.push(lot);
  if (lot.free > 0) level.anyFree++;
}

function take(level: Level, lot: Lot): void {
  const list = level.byFree[lot.free];
  const last = list?.pop();
  if (list === undefined || last === undefined) return;
  if (last !== lot) {
    list[lot.place] = last;
    last.place = lot.place;
  }
  if (lot.free > 0) level.anyFree--;
}

/**
 * Adds lots of one level to `chosen` until `wanted` GPUs are found; returns how many are still missing. One lot that is
 * large enough, the smallest such; else whole lots, largest first, and for what is left the smallest that is large enough.
 */
function chooseFrom(level: Level, wanted: number, chosen: PriceLevelShare[]): number {
  const largest = level.byFree.length - 1;
  const whole = smallest(level, wanted, largest);
  if (whole !== undefined) {
    chosen.push({ lot: whole, count: wanted });
    return 0;
  }
  let left = wanted;
  for (let free = Math.min(left - 1, largest); free > 0; free--) {
    for (const lot of level.byFree[free] ?? []) {
      if (free > left) {
        chosen.push({ lot: smallest(level, left, free - 1) ?? lot, count: left });
        return 0;
      }
      chosen.push({ lot, count: free });
      left -= free;
      if (left === 0) return 0;
    }
  }
  return left;
}

/** A lot with at least `least` and at most `most` GPUs free, with as few as can be. */
function smallest(level: Level, least: number, most: number): Lot | undefined {
  for (let free = least; free <= most; free++) {
    const lot = level.byFree[free]?.[0];
    if (lot !== undefined) return lot;
  }
  return undefined;
}
