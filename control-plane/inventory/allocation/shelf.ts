import type { GpuSet } from "./gpu-set.ts";

/** The GPUs of one model and one price on one node. */
export type Lot<Terms> = {
  /** The node's number in the database. */
  slot: number;
  gpus: GpuSet;
  price: bigint;
  terms: Terms;
  /** How many of its GPUs are free; changed by its shelf alone. */
  free: number;
  /** Where it stands in its level's list. */
  place: number;
};

/** So many GPUs of a lot. */
export type Share<Terms> = { lot: Lot<Terms>; count: number };

/** All lots of one price, in lists by how many GPUs each has free. */
type Level<Terms> = { price: bigint; byFree: Lot<Terms>[][]; anyFree: number };

/**
 * The lots of one GPU model whose nodes can reach each other, cheapest first. A lot that gains or loses GPUs moves
 * between two lists; nothing is sorted or searched, however many lots there are.
 */
export class Shelf<Terms> {
  /** Ascending by price. */
  private readonly levels: Level<Terms>[] = [];
  private readonly levelOf = new Map<bigint, Level<Terms>>();
  /** No level before this one has anything free. */
  private firstFree = 0;

  add(lot: Lot<Terms>): void {
    const level = this.levelOf.get(lot.price) ?? this.insertLevel(lot.price);
    push(level, lot);
    if (lot.free > 0) this.firstFree = Math.min(this.firstFree, this.indexOf(level.price));
  }

  remove(lot: Lot<Terms>): void {
    const level = this.levelOf.get(lot.price);
    if (level !== undefined) take(level, lot);
  }

  /** A lot has this many GPUs free now. */
  move(lot: Lot<Terms>, free: number): void {
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
   * The cheapest `count` GPUs of lots that suit, as how many of which lot; of equal price on as few nodes as can be, and
   * the last of them on the lot that it fills best. Null when there are not enough. Changes nothing.
   */
  cheapest(count: number, suits: (lot: Lot<Terms>) => boolean): Share<Terms>[] | null {
    const chosen: Share<Terms>[] = [];
    let left = count;
    let stillFull = true;
    for (let index = this.firstFree; index < this.levels.length && left > 0; index++) {
      const level = this.levels[index];
      if (level === undefined || level.anyFree === 0) continue;
      if (stillFull) this.firstFree = index;
      stillFull = false;
      left = chooseFrom(level, left, suits, chosen);
    }
    return left === 0 ? chosen : null;
  }

  /** Every lot, cheapest first. */
  *lots(): Generator<Lot<Terms>> {
    for (const level of this.levels) for (const list of level.byFree) yield* list;
  }

  private insertLevel(price: bigint): Level<Terms> {
    const level: Level<Terms> = { price, byFree: [], anyFree: 0 };
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

function push<Terms>(level: Level<Terms>, lot: Lot<Terms>): void {
  while (level.byFree.length <= lot.free) level.byFree.push([]);
  const list = level.byFree[lot.free] ?? [];
  lot.place = list.length;
  list.push(lot);
  if (lot.free > 0) level.anyFree++;
}

function take<Terms>(level: Level<Terms>, lot: Lot<Terms>): void {
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
function chooseFrom<Terms>(
  level: Level<Terms>,
  wanted: number,
  suits: (lot: Lot<Terms>) => boolean,
  chosen: Share<Terms>[],
): number {
  const largest = level.byFree.length - 1;
  const whole = smallest(level, wanted, largest, suits);
  if (whole !== undefined) {
    chosen.push({ lot: whole, count: wanted });
    return 0;
  }
  let left = wanted;
  for (let free = Math.min(left - 1, largest); free > 0; free--) {
    for (const lot of level.byFree[free] ?? []) {
      if (!suits(lot)) continue;
      if (free > left) {
        chosen.push({ lot: smallest(level, left, free - 1, suits) ?? lot, count: left });
        return 0;
      }
      chosen.push({ lot, count: free });
      left -= free;
      if (left === 0) return 0;
    }
  }
  return left;
}

/** A suitable lot with at least `least` and at most `most` GPUs free, with as few as can be. */
function smallest<Terms>(
  level: Level<Terms>,
  least: number,
  most: number,
  suits: (lot: Lot<Terms>) => boolean,
): Lot<Terms> | undefined {
  for (let free = least; free <= most; free++) {
    const lot = level.byFree[free]?.find(suits);
    if (lot !== undefined) return lot;
  }
  return undefined;
}
