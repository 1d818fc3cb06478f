import {
  countryCodes,
  gpuModels,
  idSchema,
  microUsdPerGpuHour,
  type Offer,
  regionOf,
  supplierKindSchema,
} from "@ionet/protocol";

/** A small generator of numbers in [0, 1) from a seed. Source: mulberry32, public domain. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The models most offers are of, with their weight and the middle of their price in cents. */
const usualModels: readonly (readonly [string, number, number])[] = [
  ["rtx-4090", 22, 38],
  ["rtx-3090", 14, 20],
  ["a100-80gb", 9, 110],
  ["a100-40gb", 7, 75],
  ["h100-80gb", 9, 220],
  ["rtx-5090", 7, 62],
  ["l40s", 5, 85],
  ["a10", 4, 30],
  ["t4", 5, 12],
  ["l4", 4, 40],
  ["v100-16gb", 3, 18],
  ["v100-32gb", 2, 25],
  ["h200", 3, 330],
  ["b200", 1, 520],
];
const usualCountries: readonly (readonly [string, number])[] = [
  ["US", 30],
  ["DE", 8],
  ["NL", 5],
  ["FR", 4],
  ["GB", 4],
  ["NO", 3],
  ["SE", 3],
  ["FI", 2],
  ["PL", 3],
  ["CA", 5],
  ["JP", 3],
  ["KR", 2],
  ["SG", 2],
  ["IN", 4],
  ["ID", 2],
  ["VN", 2],
  ["BR", 2],
  ["AU", 2],
  ["AE", 1],
  ["ZA", 1],
];

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** One of these by weight; the rest of the weights, up to 1, falls to `others`. */
function pick<Item>(
  items: readonly (readonly [Item, number, ...unknown[]])[],
  others: readonly Item[],
  at: number,
): Item {
  const total = items.reduce((sum, [, weight]) => sum + weight, 0) * 1.1;
  let rest = at * total;
  for (const [item, weight] of items) {
    if (rest < weight) return item;
    rest -= weight;
  }
  const [first] = items;
  return others[Math.floor((rest / total) * 10 * others.length) % others.length] ?? first?.[0] ?? fail();
}
const fail = (): never => {
  throw new Error("nothing to pick from");
};

/** Offers as a large network would have them, the same for the same seed. Prices in cents, so that many are equal. */
export function makeOffers(count: number, seed: number, nowMs: number): Offer[] {
  const next = seededRandom(seed);
  const below = (most: number) => Math.floor(next() * most);
  const pairs = [ALPHABET, BASE58].map((letters) =>
    [...letters].flatMap((a) => [...letters].map((b) => a + b)),
  );
  const [idPairs = [], keyPairs = []] = pairs;
  const text = (parts: readonly string[], length: number) => {
    let made = "";
    while (made.length < length) made += parts[below(parts.length)] ?? "";
    return made;
  };
  const suppliers = Array.from({ length: Math.max(3, Math.floor(count / 12)) }, () => text(keyPairs, 44));
  const kinds = supplierKindSchema.options;
  const modelIds = gpuModels.map((model) => model.id);
  const vramGib = new Map(gpuModels.map((model) => [model.id, model.vramGib]));
  const middles = new Map(usualModels.map(([id, , cents]) => [id, cents]));
  return Array.from({ length: count }, () => makeOffer());

  function makeOffer(): Offer {
    const gpuModel = pick(usualModels, modelIds, next());
    const country = pick(usualCountries, countryCodes, next());
    const middle = middles.get(gpuModel) ?? 50;
    const cents = Math.max(1, Math.round(middle * (0.55 + next() * 0.9)));
    const price = BigInt(cents) * 10_000n;
    const gpusTotal = [1, 1, 2, 4, 8, 8][below(6)] ?? 1;
    const hiredHours = next() < 0.3 ? 0 : below(4000);
    const share = hiredHours === 0 ? 0 : Math.min(1, 0.95 + next() * 0.055);
    return {
      nodeId: idSchema("node").decode(`nod_${text(idPairs, 20)}`),
      supplier: suppliers[below(suppliers.length)] ?? "",
      supplierKind: kinds[below(kinds.length)] ?? "miner",
      country,
      gpuModel,
      gpusFree: 1 + below(gpusTotal),
      gpusTotal,
      priceMicroUsdPerGpuHour: microUsdPerGpuHour(price),
      simulated: next() < 0.02,
      sandbox: next() < 0.9 ? "bubblewrap" : "none",
      confinement: next() < 0.85 ? "namespace" : "loopback",
      region: regionOf(country) ?? "eu",
      vramMib: Math.max(1, (vramGib.get(gpuModel) ?? 24) * 1024 - below(300)),
      interruptiblePriceMicroUsdPerGpuHour: next() < 0.4 ? microUsdPerGpuHour((price * 6n) / 10n) : null,
      minSeconds: [60, 3600, 86_400][below(3)] ?? 60,
      maxSeconds: [86_400, 7 * 86_400, 30 * 86_400][below(3)] ?? 86_400,
      availableUntil: next() < 0.25 ? new Date(nowMs + below(14 * 86_400) * 1000).toISOString() : null,
      cpus: 8 * (1 + below(24)),
      memoryMib: 32_768 * (1 + below(32)),
      diskFreeMib: 50_000 + below(8_000_000),
      driverVersion: next() < 0.9 ? `${535 + below(40)}.${below(200)}` : null,
      cudaVersion: next() < 0.9 ? `12.${below(9)}` : null,
      interconnect: next() < 0.3 ? "nvlink" : next() < 0.8 ? "pcie" : null,
      upMbps: next() < 0.8 ? 10 + below(10_000) : null,
      downMbps: next() < 0.8 ? 10 + below(10_000) : null,
      reliability: {
        share,
        hiredHours,
        lowerBound: hiredHours === 0 ? 0 : Math.max(0, share - 1 / Math.sqrt(hiredHours)),
      },
      verified: next() < 0.2,
      currencies: ["USDC"],
      source: "network",
      bookable: true,
      link: null,
    };
  }
}
