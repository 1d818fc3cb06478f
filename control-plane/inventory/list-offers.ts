import { type NodeId, type Offer, regionOf } from "@ionet/protocol";
import type { Context } from "../context.ts";
import { isOfferable, isReachable, type NodeRecord } from "../nodes/model.ts";
import { nodesInStates } from "../nodes/store.ts";
import { heldGpus } from "./hold-gpus.ts";
import { type Delivery, deliveries, reliabilityOf } from "./reliability.ts";
import { availableUntil } from "./windows.ts";

/** An offer with the indices of its free GPUs, from which a quote chooses. */
export type FreeOffer = Offer & { freeGpus: readonly number[] };

/**
 * What can be hired now: of each reachable, ready node its GPUs of one model at its price. A node with several models
 * makes several offers; one with nothing free makes an offer with none, so that people see what there is.
 */
export const listFreeOffers = (ctx: Pick<Context, "db" | "clock">): Promise<FreeOffer[]> =>
  listOffers(ctx, (nodeIds) => heldGpus(ctx.db, nodeIds));

/** As listFreeOffers, as if nothing were held. */
export const listWholeOffers = (ctx: Pick<Context, "db" | "clock">): Promise<FreeOffer[]> =>
  listOffers(ctx, async () => new Map());

async function listOffers(
  ctx: Pick<Context, "db" | "clock">,
  heldOn: (nodeIds: NodeId[]) => Promise<ReadonlyMap<NodeId, ReadonlySet<number>>>,
): Promise<FreeOffer[]> {
  const nowMs = ctx.clock.now();
  const nodes = (await nodesInStates(ctx, ["available", "hired"])).filter(
    (node) => isReachable(node, nowMs) && isOfferable(node),
  );
  const ids = nodes.map((node) => node.id);
  const held = await heldOn(ids);
  const history = await deliveries(ctx.db, ids);
  return nodes.flatMap((node) =>
    offersOf(node, held.get(node.id) ?? new Set(), { nowMs, history: history.get(node.id) }),
  );
}

/** The offers of one node, given which of its GPUs are held; none outside its windows. */
export function offersOf(
  node: NodeRecord,
  held: ReadonlySet<number>,
  { nowMs, history }: { nowMs: number; history: Delivery | undefined },
): FreeOffer[] {
  const { hardware, terms, readiness } = node;
  if (hardware === null || terms === null || readiness === null) return [];
  const region = regionOf(terms.country);
  const untilMs = availableUntil(terms.windows, nowMs);
  if (region === undefined || untilMs === "closed") return [];
  const reliability = reliabilityOf(history ?? { promisedSeconds: 0, deliveredSeconds: 0 });
  // Simulated GPUs never share an offer with real ones: who hires is told which they are.
  const groups = new Map<string, typeof hardware.gpus>();
  for (const gpu of hardware.gpus) {
    const key = `${gpu.model} ${gpu.simulated}`;
    groups.set(key, [...(groups.get(key) ?? []), gpu]);
  }
  return [...groups.values()].flatMap((gpus) => {
    const [first] = gpus;
    if (first === undefined) return [];
    const freeGpus = gpus.map((gpu) => gpu.index).filter((index) => !held.has(index));
    return [
      {
        nodeId: node.id as NodeId,
        supplier: node.wallet,
        supplierKind: node.supplierKind,
        country: terms.country,
        gpuModel: first.model,
        gpusFree: freeGpus.length,
        gpusTotal: gpus.length,
        priceMicroUsdPerGpuHour: terms.priceMicroUsdPerGpuHour,
        simulated: first.simulated,
        sandbox: readiness.sandbox,
        confinement: readiness.confinement,
        region,
        vramMib: Math.min(...gpus.map((gpu) => gpu.vramMib)),
        interruptiblePriceMicroUsdPerGpuHour: terms.interruptiblePriceMicroUsdPerGpuHour,
        minSeconds: terms.minSeconds,
        maxSeconds: terms.maxSeconds,
        availableUntil: untilMs === null ? null : new Date(untilMs).toISOString(),
        cpus: hardware.cpus,
        memoryMib: hardware.memoryMib,
        diskFreeMib: hardware.diskFreeMib,
        driverVersion: hardware.driverVersion ?? first.driverVersion ?? null,
        cudaVersion: hardware.cudaVersion ?? null,
        interconnect: hardware.interconnect ?? null,
        upMbps: hardware.link?.upMbps ?? null,
        downMbps: hardware.link?.downMbps ?? null,
        reliability,
        verified: false,
        currencies: terms.currencies,
        source: "network",
        bookable: true,
        link: null,
        freeGpus: freeGpus.sort((a, b) => a - b),
      },
    ];
  });
}
