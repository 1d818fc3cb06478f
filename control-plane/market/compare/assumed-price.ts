import type { FreeOffer } from "@ionet/placement";

/**
 * What each missing GPU is reckoned at, micro-USD per hour: the dearest that was taken, or would be if the cheapest of what
 * is free besides gave the rest, whatever keeps it from being taken. Where even that is too little, what is hired tells what
 * is paid: the dearest of it. So an outlier counts only where nothing else would do, and nothing is reckoned at the cheapest.
 */
export function assumedPrice(
  offers: readonly FreeOffer[],
  taken: readonly FreeOffer[],
  missing: number,
  priceOf: (offer: FreeOffer) => bigint,
): bigint {
  const nodes = new Set(taken.map(({ nodeId }) => nodeId));
  const others = offers.filter(({ nodeId }) => !nodes.has(nodeId));
  const free = others
    .filter(({ gpusFree }) => gpusFree > 0)
    .map((offer) => ({ price: priceOf(offer), gpus: offer.gpusFree }))
    .sort((a, b) => (a.price === b.price ? 0 : a.price < b.price ? -1 : 1));
  let dearest = mostOf(taken.map(priceOf));
  let left = missing;
  for (const { price, gpus } of free) {
    if (left <= 0) break;
    if (price > dearest) dearest = price;
    left -= gpus;
  }
  return left <= 0 ? dearest : mostOf([dearest, ...others.map(priceOf)]);
}

const mostOf = (prices: readonly bigint[]): bigint =>
  prices.reduce((most, price) => (price > most ? price : most), 0n);
