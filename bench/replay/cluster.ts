import type { FreeOffer, Share } from "@ionet/placement";
import { AllocationBook } from "../../control-plane/supply/inventory/allocation/book.ts";
import { gpuSetOf, indicesOf } from "../../control-plane/supply/inventory/allocation/gpu-set.ts";

/** The traced machines as the market sees them. All policies hold and free through the market's own book. */
export type Cluster = {
  /** By slot; each with what is free of it now. */
  readonly offers: readonly FreeOffer[];
  readonly models: ReadonlyMap<string, readonly number[]>;
  /** Holds all shares for one demand. Throws when a GPU is held already. */
  hold(demand: number, shares: readonly Share[]): void;
  free(demand: number): void;
};

/** @param moved told whenever a node has more or fewer GPUs free: its offer before and after */
export function openCluster(
  all: readonly FreeOffer[],
  moved: (before: FreeOffer, after: FreeOffer) => void,
): Cluster {
  const book = new AllocationBook();
  const offers = [...all];
  const slots = new Map(all.map((offer, slot) => [offer.nodeId, slot]));
  const sets = all.map((offer) => gpuSetOf(offer.freeGpus));
  const held = new Map<number, { leaseId: string; slot: number }[]>();

  /** Reads from the book what is free of a node. */
  function refresh(slot: number): void {
    const [before, gpus] = [offers[slot], sets[slot]];
    if (before === undefined || gpus === undefined) return;
    const freeGpus = indicesOf(gpus & ~book.heldOn(slot));
    const after = { ...before, freeGpus, gpusFree: freeGpus.length };
    offers[slot] = after;
    moved(before, after);
  }

  return {
    offers,
    models: Map.groupBy(all.keys(), (slot) => all[slot]?.gpuModel ?? ""),
    hold(demand, shares) {
      const leases = shares.map(({ offer, gpus }, index) => {
        const slot = slots.get(offer.nodeId) ?? -1;
        const leaseId = `${demand}/${index}`;
        book.hold({ leaseId, slot, gpus: gpuSetOf(gpus) });
        return { leaseId, slot };
      });
      held.set(demand, leases);
      for (const { slot } of leases) refresh(slot);
    },
    free(demand) {
      for (const { leaseId, slot } of held.get(demand) ?? []) {
        book.free(leaseId);
        refresh(slot);
      }
      held.delete(demand);
    },
  };
}
