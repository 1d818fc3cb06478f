import type { NodeId } from "@ionet/protocol";
import type { NodeOffers } from "./node-offers.ts";
import { PriceOrder } from "./price-order.ts";

/** The nodes that offer something, in memory: by id, and those of each GPU model by their price. */
export class NodesOnOffer {
  readonly #nodes = new Map<NodeId, NodeOffers>();
  readonly #ofModel = new Map<string, PriceOrder>();

  get size(): number {
    return this.#nodes.size;
  }

  get(id: NodeId): NodeOffers | undefined {
    return this.#nodes.get(id);
  }

  /** Adds a node that is not there. */
  add(node: NodeOffers): void {
    this.#nodes.set(node.nodeId, node);
    for (const model of node.gpuModels) {
      const order = this.#ofModel.get(model) ?? new PriceOrder();
      this.#ofModel.set(model, order);
      order.add(node);
    }
  }

  remove(id: NodeId): void {
    const node = this.#nodes.get(id);
    if (node === undefined) return;
    this.#nodes.delete(id);
    for (const model of node.gpuModels) {
      const order = this.#ofModel.get(model);
      order?.remove(node);
      if (order?.size === 0) this.#ofModel.delete(model);
    }
  }

  clear(): void {
    this.#nodes.clear();
    this.#ofModel.clear();
  }

  /** The nodes of these models, or all; of one model the cheapest first. */
  of(gpuModels: readonly string[] | undefined): NodeOffers[] {
    // A node of several models stands in several orders.
    const some = gpuModels?.flatMap((model) => [...(this.#ofModel.get(model) ?? [])]);
    return [...new Set(some ?? this.#nodes.values())];
  }

  /** As PriceOrder's: the cheapest of a model, until so many of them count. Null when that would be all. */
  cheapest(
    gpuModel: string,
    count: number,
    counts: (node: NodeOffers) => boolean,
  ): ReturnType<PriceOrder["cheapest"]> {
    return this.#ofModel.get(gpuModel)?.cheapest(count, counts) ?? null;
  }

  get gpuModels(): string[] {
    return [...this.#ofModel.keys()];
  }
}
