/** Blocks where they stand: no row of a block comes before its key and price. By the blocks' places in a scope. */
export class BlockQueue {
  readonly #keys: Uint32Array;
  readonly #prices: Uint32Array;
  /** Places, as a heap: none stands before the one above it. */
  readonly #heap: Uint32Array;
  #length: number;

  constructor(keys: Uint32Array, prices: Uint32Array) {
    this.#keys = keys;
    this.#prices = prices;
    this.#length = keys.length;
    this.#heap = new Uint32Array(this.#length);
    for (let place = 0; place < this.#length; place++) this.#heap[place] = place;
    for (let at = (this.#length >>> 1) - 1; at >= 0; at--) this.#sink(at, at);
  }

  /** The first of those not taken. */
  take(): number | undefined {
    if (this.#length === 0) return undefined;
    const [first] = this.#heap;
    this.#length -= 1;
    this.#sink(0, this.#heap[this.#length] ?? 0);
    return first;
  }

  /** Those not taken, in no order. */
  get rest(): Uint32Array {
    return this.#heap.subarray(0, this.#length);
  }

  #sink(from: number, place: number): void {
    const heap = this.#heap;
    let at = from;
    for (;;) {
      let next = 2 * at + 1;
      if (next >= this.#length) break;
      if (next + 1 < this.#length && this.#isBefore(heap[next + 1] ?? 0, heap[next] ?? 0)) next += 1;
      if (!this.#isBefore(heap[next] ?? 0, place)) break;
      heap[at] = heap[next] ?? 0;
      at = next;
    }
    heap[at] = place;
  }

  #isBefore(a: number, b: number): boolean {
    const first = this.#keys[a] ?? 0;
    const second = this.#keys[b] ?? 0;
    return first < second || (first === second && (this.#prices[a] ?? 0) < (this.#prices[b] ?? 0));
  }
}
