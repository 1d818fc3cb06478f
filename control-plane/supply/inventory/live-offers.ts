import type { CheapestOffers, FreeOffer } from "@ionet/placement";
import type { NodeId } from "@ionet/protocol";
import type { Context } from "../../platform/context.ts";
import { singleFlight } from "../../platform/single-flight.ts";
import { isOfferable, isReachable, type NodeRecord } from "../nodes/model.ts";
import { changedNodes, EVERYTHING, type Horizon, lastSeen, type NodeChange } from "../nodes/store.ts";
import type { Allocation } from "./allocation/allocation.ts";
import { createHeldNow, type Held } from "./held-now.ts";
import { nodeNumbersOf } from "./hold-gpus.ts";
import { NodeOffers } from "./node-offers.ts";
import { PriceOrder } from "./price-order.ts";
import { changedDeliveries, type Delivery } from "./reliability.ts";

/**
 * What can be hired now: of each reachable, ready node within its windows its GPUs of one model at its price. A node with
 * several models makes several offers; one with nothing free makes an offer with none, so that people see what there is.
 * An offer that did not change is the same object as before; none is ever changed.
 */
export type LiveOffers = {
  /** All that is free, or that of these models; of one model the cheapest first. */
  free(gpuModels?: readonly string[]): Promise<FreeOffer[]>;
  /**
   * Of the free of one model the cheapest: those of so many nodes with any free, and of all others of the last one's price.
   * Null when that would be all.
   */
  cheapest(gpuModel: string, nodes: number): Promise<CheapestOffers | null>;
  /** As if nothing were held. */
  whole(): Promise<FreeOffer[]>;
  /** The models that are offered. */
  gpuModels(): Promise<string[]>;
};

/** Nodes read at a time, and so many whose last word is looked up. */
const PART = 500;

/**
 * Keeps the offers in memory and reads what changed before each answer, so an answer is as new as the database when it was
 * asked for. A cache over the rows: losing it loses a reload. Nodes are read when something of theirs changed, not when
 * they were only heard of: when was, is looked up for those that seem silent.
 */
export function openLiveOffers(
  ctx: Pick<Context, "db" | "clock">,
  allocation: Pick<Allocation<never>, "heldGpus">,
): LiveOffers {
  const heldNow = createHeldNow(ctx, allocation);
  const history = new Map<NodeId, Delivery>();
  const nodes = new Map<NodeId, NodeOffers>();
  const ofModel = new Map<string, PriceOrder>();
  let horizon: Horizon = EVERYTHING;

  async function readChanges(): Promise<void> {
    let after = "";
    let next: Horizon | null = null;
    for (;;) {
      const read = await changedNodes(ctx, horizon, { after, limit: PART });
      // What the first part did not see is asked for again the next time.
      next ??= read.next;
      if (next.timesGone !== horizon.timesGone) {
        forgetAll();
        horizon = { ...EVERYTHING, timesGone: next.timesGone };
        return readChanges();
      }
      await take(read.changes);
      const last = read.changes[PART - 1];
      if (last === undefined) break;
      after = last.node.id;
    }
    for (const [nodeId, delivery] of await changedDeliveries(ctx.db, horizon.xmin)) {
      history.set(nodeId, delivery);
      nodes.get(nodeId)?.setHistory(delivery);
    }
    horizon = next;
  }

  async function take(changes: readonly NodeChange[]): Promise<void> {
    const unseen = changes.filter(({ node, changed }) => nodes.get(node.id)?.changed !== changed);
    const offered = unseen.filter(({ node }) => isOffered(node));
    const nodeNumbers = await nodeNumbersOf(
      ctx.db,
      offered.map(({ node }) => node.id),
    );
    for (const { node } of unseen) forget(node.id);
    for (const change of offered) {
      const { id } = change.node;
      const nodeNumber = nodeNumbers.get(id);
      if (nodeNumber === undefined) continue;
      const own = new NodeOffers(change, nodeNumber, history.get(id));
      nodes.set(id, own);
      for (const model of own.gpuModels) {
        const order = ofModel.get(model) ?? new PriceOrder();
        ofModel.set(model, order);
        order.add(own);
      }
    }
  }

  function forget(id: NodeId): void {
    const own = nodes.get(id);
    if (own === undefined) return;
    nodes.delete(id);
    for (const model of own.gpuModels) {
      const order = ofModel.get(model);
      order?.remove(own);
      if (order?.size === 0) ofModel.delete(model);
    }
  }

  function forgetAll(): void {
    for (const map of [history, nodes, ofModel]) map.clear();
  }

  /** The nodes of these models, of one model the cheapest first. */
  function nodesOf(gpuModels: readonly string[] | undefined): NodeOffers[] {
    // A node of several models stands in several orders.
    return [...new Set(gpuModels?.flatMap((model) => [...(ofModel.get(model) ?? [])]) ?? nodes.values())];
  }

  /** Those of these nodes that were heard of lately. */
  async function reachable(some: readonly NodeOffers[]): Promise<readonly NodeOffers[]> {
    const nowMs = ctx.clock.now();
    const silent = some.filter((one) => !isReachable(one, nowMs));
    for (let start = 0; start < silent.length; start += PART) {
      const part = silent.slice(start, start + PART);
      const seen = await lastSeen(
        ctx,
        part.map(({ nodeId }) => nodeId),
      );
      for (const one of part) one.lastSeenAtMs = seen.get(one.nodeId) ?? null;
    }
    return silent.length === 0 ? some : some.filter((one) => isReachable(one, nowMs));
  }

  /** What is free of these models on these nodes. */
  async function freeOn(
    some: readonly NodeOffers[],
    gpuModels: readonly string[] | undefined,
    held: Held,
  ): Promise<FreeOffer[]> {
    const there = await reachable(some);
    const nowMs = ctx.clock.now();
    const offers: FreeOffer[] = [];
    for (const one of there) {
      for (const offer of one.free(held(one.nodeNumber), nowMs)) {
        if (gpuModels === undefined || gpuModels.includes(offer.gpuModel)) offers.push(offer);
      }
    }
    return offers;
  }

  const refresh = singleFlight(readChanges);
  return {
    async free(gpuModels) {
      await refresh();
      const held = await heldNow(nodes.size);
      return freeOn(nodesOf(gpuModels), gpuModels, held);
    },
    async cheapest(gpuModel, count) {
      await refresh();
      const held = await heldNow(nodes.size);
      const nowMs = ctx.clock.now();
      const hasFree = (one: NodeOffers) =>
        one
          .free(held(one.nodeNumber), nowMs)
          .some((offer) => offer.gpuModel === gpuModel && offer.gpusFree > 0);
      const some = ofModel.get(gpuModel)?.cheapest(count, hasFree) ?? null;
      if (some === null) return null;
      return { offers: await freeOn(some.nodes, [gpuModel], held), beyond: some.beyond };
    },
    async whole() {
      await refresh();
      const some = await reachable(nodesOf(undefined));
      const nowMs = ctx.clock.now();
      return some.flatMap((one) => one.whole(nowMs));
    },
    async gpuModels() {
      await refresh();
      return [...ofModel.keys()];
    },
  };
}

const isOffered = (node: NodeRecord): boolean =>
  (node.state === "available" || node.state === "hired") && isOfferable(node);
