import type { NodeOffers } from "./node-offers.ts";

/** Nodes in the order of their price, the cheapest first, and of equal price by id. */
export class PriceOrder {
  readonly #nodes: NodeOffers[] = [];

  get size(): number {
    return this.#nodes.length;
  }

  add(node: NodeOffers): void {
    this.#nodes.splice(this.#placeOf(node), 0, node);
  }

  /** Takes a node out that was added. */
  remove(node: NodeOffers): void {
    const place = this.#placeOf(node);
    if (this.#nodes[place] !== node)
      throw new Error(`invariant broken: ${node.nodeId} is not where its price is`);
    this.#nodes.splice(place, 1);
  }

  /**
   * The cheapest, until so many of them count, and all others of the last one's price; and the price of the next, below which
   * none of the others is. Null when that would be all.
   */
  cheapest(
    count: number,
    counts: (node: NodeOffers) => boolean,
  ): { nodes: NodeOffers[]; beyond: bigint } | null {
    let end = 0;
    for (let left = count; left > 0 && end < this.size; end++) {
      const node = this.#nodes[end];
      if (node !== undefined && counts(node)) left--;
    }
    while (end < this.size && this.#nodes[end]?.price === this.#nodes[end - 1]?.price) end++;
    const next = this.#nodes[end];
    return next === undefined ? null : { nodes: this.#nodes.slice(0, end), beyond: next.price };
  }

  [Symbol.iterator](): IterableIterator<NodeOffers> {
    return this.#nodes[Symbol.iterator]();
  }

  #placeOf(node: NodeOffers): number {
    let [low, high] = [0, this.#nodes.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#nodes[middle];
      if (other !== undefined && comesBefore(other, node)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const comesBefore = (a: NodeOffers, b: NodeOffers): boolean =>
  a.price < b.price || (a.price === b.price && a.nodeId < b.nodeId);
