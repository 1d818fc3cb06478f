import type { CheapestOffers, FreeOffer } from "@ionet/placement";
import type { Context } from "../../platform/context.ts";
import { isReachable } from "../nodes/model.ts";
import { lastSeen } from "../nodes/store.ts";
import type { Allocation } from "./allocation/allocation.ts";
import { followNodes } from "./follow-nodes.ts";
import { createHeldNow, type Held } from "./held-now.ts";
import type { NodeOffers } from "./node-offers.ts";

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

/** Nodes whose last word is looked up at a time. */
const PART = 500;

/**
 * Keeps the offers in memory and reads what changed before each answer, so an answer is as new as the database when it was
 * asked for. When nodes were heard of last is looked up for those that seem silent.
 */
export function openLiveOffers(
  ctx: Pick<Context, "db" | "clock">,
  allocation: Pick<Allocation<never>, "heldGpus">,
): LiveOffers {
  const heldNow = createHeldNow(ctx, allocation);
  const { nodes, refresh } = followNodes(ctx);

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

  return {
    async free(gpuModels) {
      await refresh();
      const held = await heldNow(nodes.size);
      return freeOn(nodes.of(gpuModels), gpuModels, held);
    },
    async cheapest(gpuModel, count) {
      await refresh();
      const held = await heldNow(nodes.size);
      const nowMs = ctx.clock.now();
      const hasFree = (one: NodeOffers) =>
        one
          .free(held(one.nodeNumber), nowMs)
          .some((offer) => offer.gpuModel === gpuModel && offer.gpusFree > 0);
      const some = nodes.cheapest(gpuModel, count, hasFree);
      if (some === null) return null;
      return { offers: await freeOn(some.nodes, [gpuModel], held), beyond: some.beyond };
    },
    async whole() {
      await refresh();
      const some = await reachable(nodes.of(undefined));
      const nowMs = ctx.clock.now();
      return some.flatMap((one) => one.whole(nowMs));
    },
    async gpuModels() {
      await refresh();
      return nodes.gpuModels;
    },
  };
}
