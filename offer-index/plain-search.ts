import { gpuModel, gpuModelsMeant, type Offer, type Query, readOrder, versionUnit } from "@ionet/protocol";
import { orderOf } from "./find-offers.ts";
import { distancesFrom } from "./nearness.ts";
import { vramAsSoldMib } from "./offer-columns.ts";

/*
 * The same search as a list that is filtered and sorted: slow, and plain enough to be believed. Tests compare.
 */

type Range = [
  value: number | bigint | null,
  least: number | bigint | undefined,
  most: number | bigint | undefined,
];
const within = ([value, least, most]: Range) =>
  (least === undefined && most === undefined) ||
  (value !== null && (least === undefined || value >= least) && (most === undefined || value <= most));
type Words = [
  value: string | readonly string[] | null,
  is: readonly string[] | undefined,
  not: readonly string[] | undefined,
];
const among = ([value, is, not]: Words) => {
  const has = (list: readonly string[]) =>
    [value].flat().some((word) => word !== null && list.includes(word));
  return (is === undefined || has(is)) && (not === undefined || (value !== null && !has(not)));
};
const same = (value: boolean, wanted: boolean | undefined) => wanted === undefined || value === wanted;
const version = (text: string | null | undefined) => (text == null ? null : versionUnit.read(text));
const bound = (text: string | undefined) => version(text) ?? undefined;
const floor = (value: number | null) => (value === null ? null : Math.floor(value));
const ppm = (share: number) => Math.floor(Math.round(share * 1e9) / 1000) / 1e6;
const tflopsOf = (offer: Offer) => gpuModel(offer.gpuModel)?.fp16TensorTflops ?? null;

/** Whether an offer is what a query asks for, whose models are written out. */
function fulfils(offer: Offer, query: Query, nowMs: number): boolean {
  const until =
    offer.availableUntil === null ? Number.POSITIVE_INFINITY : Date.parse(offer.availableUntil) / 1000;
  const seconds = query.durationSeconds;
  const lasts =
    seconds === undefined ||
    (offer.minSeconds <= seconds &&
      offer.maxSeconds >= seconds &&
      Math.floor(until) >= Math.ceil(nowMs / 1000) + seconds);
  const price = offer.interruptiblePriceMicroUsdPerGpuHour;
  if (offer.gpusFree <= 0 || !lasts) return false;
  const ranges: Range[] = [
    [offer.gpusFree, query.minGpus, query.maxGpus],
    [vramAsSoldMib(offer), query.minVramMib, query.maxVramMib],
    [tflopsOf(offer), query.minTflops, query.maxTflops],
    [offer.priceMicroUsdPerGpuHour, query.minPriceMicroUsdPerGpuHour, query.maxPriceMicroUsdPerGpuHour],
    [price, query.minInterruptiblePriceMicroUsdPerGpuHour, query.maxInterruptiblePriceMicroUsdPerGpuHour],
    [ppm(offer.reliability.share), query.minReliability, query.maxReliability],
    [ppm(offer.reliability.lowerBound), query.minReliabilityLowerBound, query.maxReliabilityLowerBound],
    [floor(offer.reliability.hiredHours), query.minHiredHours, query.maxHiredHours],
    [offer.cpus, query.minCpus, query.maxCpus],
    [offer.memoryMib, query.minMemoryMib, query.maxMemoryMib],
    [offer.diskFreeMib, query.minDiskFreeMib, query.maxDiskFreeMib],
    [floor(offer.upMbps), query.minUpMbps, query.maxUpMbps],
    [floor(offer.downMbps), query.minDownMbps, query.maxDownMbps],
    [version(offer.cudaVersion), bound(query.minCudaVersion), bound(query.maxCudaVersion)],
    [version(offer.driverVersion), bound(query.minDriverVersion), bound(query.maxDriverVersion)],
  ];
  const words: Words[] = [
    [offer.gpuModel, query.gpuModel, query.notGpuModel],
    [offer.country, query.country, query.notCountry],
    [offer.region, query.region, query.notRegion],
    [offer.supplierKind, query.supplierKind, query.notSupplierKind],
    [offer.supplier, query.supplier, query.notSupplier],
    [offer.nodeId, query.nodeId, query.notNodeId],
    [offer.source, query.source, query.notSource],
    [offer.interconnect, query.interconnect, query.notInterconnect],
    [offer.currencies, query.currency, query.notCurrency],
    [offer.sandbox, query.sandbox, query.notSandbox],
    [offer.confinement, query.confinement, query.notConfinement],
  ];
  return (
    same(offer.verified, query.verified) &&
    same(offer.simulated, query.simulated) &&
    same(offer.bookable, query.bookable) &&
    same(price !== null, query.interruptible) &&
    ranges.every(within) &&
    words.every(among)
  );
}

/** All offers that a query finds, in its order. */
export function plainSearch(offers: readonly Offer[], query: Query, nowMs: number): Offer[] {
  const { key, falling } = readOrder(orderOf(query));
  const near = distancesFrom(query.near ?? "");
  const keys: Record<typeof key, (offer: Offer) => number | null> = {
    price: (offer) => Number(offer.priceMicroUsdPerGpuHour),
    "price/tflop": (offer) => {
      const tflops = tflopsOf(offer);
      if (tflops === null) return null;
      return Number((offer.priceMicroUsdPerGpuHour * 1_000_000n) / BigInt(Math.round(tflops * 1000)));
    },
    interruptible_price: ({ interruptiblePriceMicroUsdPerGpuHour: low }) =>
      low === null ? null : Number(low),
    reliability: (offer) => ppm(offer.reliability.lowerBound),
    nearness: (offer) => near.get(offer.country) ?? null,
    vram: vramAsSoldMib,
    tflops: tflopsOf,
    gpus: (offer) => offer.gpusFree,
    disk: (offer) => offer.diskFreeMib,
    ram: (offer) => offer.memoryMib,
    cpus: (offer) => offer.cpus,
    up: (offer) => floor(offer.upMbps),
    down: (offer) => floor(offer.downMbps),
  };
  const models = [...new Set(offers.map((offer) => offer.gpuModel))];
  const meant = (list: readonly string[] | undefined) =>
    list?.flatMap((word) => gpuModelsMeant(word, models));
  const written = { ...query, gpuModel: meant(query.gpuModel), notGpuModel: meant(query.notGpuModel) };
  const placed = offers
    .filter((offer) => fulfils(offer, written, nowMs))
    .map((offer) => ({
      offer,
      key: keys[key](offer),
      id: `${offer.nodeId} ${offer.gpuModel} ${offer.simulated}`,
    }));
  const price = (offer: Offer) => Number(offer.priceMicroUsdPerGpuHour);
  return placed
    .sort((a, b) => {
      if (a.key !== b.key) {
        if (a.key === null || b.key === null) return a.key === null ? 1 : -1;
        return falling ? b.key - a.key : a.key - b.key;
      }
      if (price(a.offer) !== price(b.offer)) return price(a.offer) - price(b.offer);
      return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
    })
    .map(({ offer }) => offer);
}
