/** Where a block stands: no row of it comes before. */
export type Bound = { block: number; key: number; price: number };

/** Hands out blocks by their bounds, the lowest first, as long as their order matters; few are put in order. */
export class BlockQueue {
  readonly #heap: Bound[];

  constructor(bounds: Bound[]) {
    this.#heap = bounds;
    for (let at = (bounds.length >>> 1) - 1; at >= 0; at--) this.#sink(at, bounds[at]);
  }

  take(): Bound | undefined {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (this.#heap.length > 0) this.#sink(0, last);
    return first;
  }

  /** Those not taken, in no order. */
  get rest(): readonly Bound[] {
    return this.#heap;
  }

  #sink(from: number, bound: Bound | undefined): void {
    const heap = this.#heap;
    if (bound === undefined) return;
    let at = from;
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
      if (left === undefined) break;
      const isRight = right !== undefined && isBefore(right, left);
      const next = isRight ? right : left;
      if (!isBefore(next, bound)) break;
      heap[at] = next;
      at = 2 * at + (isRight ? 2 : 1);
    }
    heap[at] = bound;
  }
}

export const isBefore = (a: Omit<Bound, "block">, b: Omit<Bound, "block">): boolean =>
  a.key < b.key || (a.key === b.key && a.price < b.price);
