import { AllocationBook, type LotOfNode } from "../../control-plane/inventory/allocation/book.ts";
import { countOf, gpuSetOf, indicesOf } from "../../control-plane/inventory/allocation/gpu-set.ts";
import type { FreeOffer } from "../../control-plane/inventory/offers-of-node.ts";
import type { Share } from "../../control-plane/reservations/choose.ts";

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
  const book = new AllocationBook<null>();
  const offers = [...all];
  const slots = new Map(all.map((offer, slot) => [offer.nodeId, slot]));
  const lots = all.map(
    (offer): LotOfNode<null> => ({
      shelf: offer.gpuModel,
      gpus: gpuSetOf(offer.freeGpus),
      price: offer.priceMicroUsdPerGpuHour,
      terms: null,
    }),
  );
  for (const [slot, lot] of lots.entries()) book.offer(slot, [lot]);
  const held = new Map<number, { leaseId: string; slot: number }[]>();

  /** Reads from the book what is free of a node. */
  function refresh(slot: number): void {
    const [before, lot] = [offers[slot], lots[slot]];
    if (before === undefined || lot === undefined) return;
    const set = book.freeGpusOf({ ...lot, slot, free: 0, place: 0 }, countOf(lot.gpus));
    const freeGpus = indicesOf(set);
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
