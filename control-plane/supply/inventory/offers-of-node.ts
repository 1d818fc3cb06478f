import type { FreeOffer } from "@ionet/placement";
import { canonicalGpuModel, fitsMemory, type Gpu, gpuModel, regionOf } from "@ionet/protocol";
import type { NodeRecord } from "../nodes/model.ts";
import { type GpuSet, gpuSetOf, NO_GPUS } from "./allocation/gpu-set.ts";
import { type Delivery, reliabilityOf } from "./reliability.ts";

/** The same offer without these GPUs, which may be another offer's of the node. */
export function withoutGpus(offer: FreeOffer, gpus: GpuSet): FreeOffer {
  const freeGpus = offer.freeGpus.filter((gpu) => (gpus & gpuSetOf([gpu])) === NO_GPUS);
  return freeGpus.length === offer.freeGpus.length
    ? offer
    : { ...offer, freeGpus, gpusFree: freeGpus.length };
}

/** What a GPU is offered as: the model that its agent names, unless it has memory of no size of that model. */
function modelOf({ model: id, vramMib }: Gpu): string {
  const model = gpuModel(id);
  return model === undefined || fitsMemory(model, vramMib) ? id : canonicalGpuModel(id, vramMib);
}

/**
 * The offers of one node, nothing of which is held, until a time (Unix ms; null: no end is in sight): one of each GPU
 * model, real ones apart from simulated ones, so that who hires is told which they are.
 */
export function offersOfNode(
  node: NodeRecord,
  untilMs: number | null,
  history: Delivery | undefined,
): FreeOffer[] {
  const { hardware, terms, readiness } = node;
  if (hardware === null || terms === null || readiness === null) return [];
  const region = regionOf(terms.country);
  if (region === undefined) return [];
  const reliability = reliabilityOf(history ?? { promisedSeconds: 0, deliveredSeconds: 0 });
  const groups = new Map<string, typeof hardware.gpus>();
  for (const gpu of hardware.gpus) {
    const key = `${modelOf(gpu)} ${gpu.simulated}`;
    groups.set(key, [...(groups.get(key) ?? []), gpu]);
  }
  return [...groups.values()].flatMap((gpus) => {
    const [first] = gpus;
    if (first === undefined) return [];
    const freeGpus = gpus.map((gpu) => gpu.index).sort((a, b) => a - b);
    return [
      {
        nodeId: node.id,
        supplier: node.wallet,
        supplierKind: node.supplierKind,
        country: terms.country,
        gpuModel: modelOf(first),
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
        freeGpus,
      },
    ];
  });
}
