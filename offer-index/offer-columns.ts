import { fitsMemory, gpuModel, type Offer, versionUnit } from "@ionet/protocol";
import { UNKNOWN } from "./columns/uppers.ts";

/*
 * What is indexed of an offer. Numbers are whole base units as in the query's parameters; what is larger than a code can
 * tell counts as the largest.
 */

const MOST = 4_294_967_293;
const code = (units: number): number => Math.min(Math.max(0, Math.floor(units)), MOST);
/** Integers all the way: a micro-USD or a nano-USD count of any offer fits a code, or counts as the largest. */
const bigCode = (units: bigint): number => Number(units > BigInt(MOST) ? BigInt(MOST) : units);
const known = <Value>(value: Value | null | undefined, coded: (value: Value) => number): number =>
  value === null || value === undefined ? UNKNOWN : coded(value);
const millionths = (share: number): number => code(Math.round(share * 1e9) / 1000);
const version = (text: string): number => known(versionUnit.read(text), bigCode);

/** Memory as the model is sold: a 24 GB card reports 23,028 MiB, and who asks for 24 GB means it. */
export function vramAsSoldMib({ gpuModel: id, vramMib }: Pick<Offer, "gpuModel" | "vramMib">): number {
  const model = gpuModel(id);
  return model !== undefined && fitsMemory(model, vramMib) ? model.vramGib * 1024 : vramMib;
}

const milliTflops = (id: string): number =>
  known(gpuModel(id)?.fp16TensorTflops, (tflops) => code(Math.round(tflops * 1000)));

/** Nano-USD per TFLOP-hour: what a TFLOP of dense FP16 tensor throughput costs. */
function nanoUsdPerTflop({ gpuModel: id, priceMicroUsdPerGpuHour }: Offer): number {
  const milli = milliTflops(id);
  if (milli === UNKNOWN || milli === 0) return UNKNOWN;
  return bigCode((priceMicroUsdPerGpuHour * 1_000_000n) / BigInt(milli));
}

const numbers = {
  price: (offer: Offer) => bigCode(offer.priceMicroUsdPerGpuHour),
  interruptiblePrice: (offer: Offer) => known(offer.interruptiblePriceMicroUsdPerGpuHour, bigCode),
  pricePerTflop: nanoUsdPerTflop,
  vramMib: (offer: Offer) => code(vramAsSoldMib(offer)),
  gpusFree: (offer: Offer) => code(offer.gpusFree),
  milliTflops: (offer: Offer) => milliTflops(offer.gpuModel),
  reliability: (offer: Offer) => millionths(offer.reliability.share),
  reliabilityLowerBound: (offer: Offer) => millionths(offer.reliability.lowerBound),
  hiredHours: (offer: Offer) => code(offer.reliability.hiredHours),
  cpus: (offer: Offer) => code(offer.cpus),
  memoryMib: (offer: Offer) => code(offer.memoryMib),
  diskFreeMib: (offer: Offer) => code(offer.diskFreeMib),
  upMbps: (offer: Offer) => known(offer.upMbps, code),
  downMbps: (offer: Offer) => known(offer.downMbps, code),
  cudaVersion: (offer: Offer) => known(offer.cudaVersion, version),
  driverVersion: (offer: Offer) => known(offer.driverVersion, version),
  minSeconds: (offer: Offer) => code(offer.minSeconds),
  maxSeconds: (offer: Offer) => code(offer.maxSeconds),
  /** Unix seconds; an open end is later than any other. */
  availableUntil: (offer: Offer) =>
    offer.availableUntil === null ? MOST : code(Date.parse(offer.availableUntil) / 1000),
} as const satisfies Record<string, (offer: Offer) => number>;
export type NumberName = keyof typeof numbers;
export const numberNames = Object.keys(numbers) as NumberName[];
export const numberOf = (name: NumberName, offer: Offer): number => numbers[name](offer);

const flag = (value: boolean) => (value ? "true" : "false");
const words = {
  gpuModel: (offer: Offer) => offer.gpuModel,
  country: (offer: Offer) => offer.country,
  region: (offer: Offer) => offer.region,
  supplierKind: (offer: Offer) => offer.supplierKind,
  source: (offer: Offer) => offer.source.toLowerCase(),
  interconnect: (offer: Offer) => offer.interconnect,
  sandbox: (offer: Offer) => offer.sandbox,
  confinement: (offer: Offer) => offer.confinement,
  /** All that it accepts, as one word: there are few such sets. */
  currencies: (offer: Offer) => [...offer.currencies].sort().join(" "),
  verified: (offer: Offer) => flag(offer.verified),
  simulated: (offer: Offer) => flag(offer.simulated),
  bookable: (offer: Offer) => flag(offer.bookable),
  interruptible: (offer: Offer) => flag(offer.interruptiblePriceMicroUsdPerGpuHour !== null),
} as const satisfies Record<string, (offer: Offer) => string | null>;
export type WordName = keyof typeof words;
export const wordNames = Object.keys(words) as WordName[];
export const wordOf = (name: WordName, offer: Offer): string | null => words[name](offer);

/** What tells an offer from all others, and what decides between equals in every order. */
export const offerId = (offer: Pick<Offer, "nodeId" | "gpuModel" | "simulated">): string =>
  `${offer.nodeId} ${offer.gpuModel} ${offer.simulated}`;
