import {
  MAX_PRICE,
  type MicroUsd,
  type MicroUsdPerGpuHour,
  microUsd,
  microUsdPerGpuHour,
} from "@ionet/protocol";

const HOURS_A_DAY = 24n;
const BASIS_POINTS = 10_000n;
const WATTS_A_KILOWATT = 1000n;

/** One card and what its day depends on. Watts and micro-USD are whole numbers; shares are in basis points. */
export type Card = { hiredWatts: number; idleWatts: number; microUsdPerKwh: bigint; feeBps: number };

/** What a day at so many watts costs, for a share of it. Rounded up: a cost never looks smaller than it is. */
export function electricityOfDay(watts: number, microUsdPerKwh: bigint, shareBps = 10_000): bigint {
  const divisor = WATTS_A_KILOWATT * BASIS_POINTS;
  return (BigInt(watts) * HOURS_A_DAY * BigInt(shareBps) * microUsdPerKwh + divisor - 1n) / divisor;
}

export type RentingDay = {
  grossMicroUsd: MicroUsd;
  feeMicroUsd: MicroUsd;
  electricityMicroUsd: MicroUsd;
  netMicroUsd: MicroUsd;
};

/** A day of renting: price × hired hours − fee − electricity (hired at the limit, else idle). */
export function rentingDay(card: Card, price: MicroUsdPerGpuHour, hiredBps: number): RentingDay {
  const gross = (price * HOURS_A_DAY * BigInt(hiredBps)) / BASIS_POINTS;
  const fee = (gross * BigInt(card.feeBps)) / BASIS_POINTS;
  const electricity =
    electricityOfDay(card.hiredWatts, card.microUsdPerKwh, hiredBps) +
    electricityOfDay(card.idleWatts, card.microUsdPerKwh, 10_000 - hiredBps);
  const net = gross - fee - electricity;
  if (net + fee + electricity !== gross) throw new Error("invariant broken: net + fee + electricity ≠ gross");
  return {
    grossMicroUsd: microUsd(gross),
    feeMicroUsd: microUsd(fee),
    electricityMicroUsd: microUsd(electricity),
    netMicroUsd: microUsd(net),
  };
}

/** The least whole number from 0 to `most` for which `holds`, given that it holds for all above; null when for none. */
function least(most: bigint, holds: (value: bigint) => boolean): bigint | null {
  if (!holds(most)) return null;
  let [low, high] = [0n, most];
  while (low < high) {
    const middle = (low + high) / 2n;
    if (holds(middle)) high = middle;
    else low = middle + 1n;
  }
  return low;
}

/** The lowest price at which renting, at this share of the day, is worth as much as `target` a day; null: none. */
export function breakEvenPrice(card: Card, hiredBps: number, target: bigint): MicroUsdPerGpuHour | null {
  const found = least(
    MAX_PRICE,
    (price) => rentingDay(card, microUsdPerGpuHour(price), hiredBps).netMicroUsd >= target,
  );
  return found === null ? null : microUsdPerGpuHour(found);
}

/** The smallest share of the day from which on renting at this price is worth as much as `target`; null: not even all day. */
export function breakEvenShare(card: Card, price: MicroUsdPerGpuHour, target: bigint): number | null {
  const worth = (bps: number) => rentingDay(card, price, bps).netMicroUsd >= target;
  // Where an hour's rent is below an hour's power, more hours are worse: only a whole day that pays counts.
  if (!worth(10_000)) return null;
  const found = least(10_000n, (bps) => worth(Number(bps)));
  return found === null ? null : Number(found);
}
