import { makeId, microUsdPerGpuHour, regionOf } from "@ionet/protocol";
import type { FreeOffer } from "../free-offer.ts";

/** An offer of one simulated A100 in Germany, but for what is told. Its region and its free GPUs follow from the rest. */
export function testOffer(of: Partial<FreeOffer> = {}): FreeOffer {
  const country = of.country ?? "DE";
  const gpus = of.gpusFree ?? 1;
  return {
    nodeId: makeId("node", new Uint8Array(20)),
    supplier: "11111111111111111111111111111111",
    supplierKind: "miner",
    country,
    gpuModel: "a100-40gb",
    gpusFree: gpus,
    gpusTotal: gpus,
    priceMicroUsdPerGpuHour: microUsdPerGpuHour(400_000n),
    simulated: true,
    sandbox: "none",
    confinement: "loopback",
    region: regionOf(country) ?? "eu",
    vramMib: 40_960,
    interruptiblePriceMicroUsdPerGpuHour: null,
    minSeconds: 60,
    maxSeconds: 30 * 86_400,
    availableUntil: null,
    cpus: 8,
    memoryMib: 65_536,
    diskFreeMib: 100_000,
    driverVersion: null,
    cudaVersion: null,
    interconnect: null,
    upMbps: null,
    downMbps: null,
    reliability: { share: 0, hiredHours: 0, lowerBound: 0 },
    verified: false,
    currencies: ["USDC"],
    source: "network",
    bookable: true,
    link: null,
    freeGpus: Array.from({ length: gpus }, (_, i) => i),
    ...of,
  };
}
