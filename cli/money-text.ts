import { type Currency, currencyDecimals, formatUnits, microUsdOf, type SolPrice } from "@ionet/protocol";

const MICRO = 1_000_000n;

/** A price per hour as people read it: 380000 → "$0.38". */
export const priceText = (microUsd: bigint): string => `$${formatUnits(microUsd, 6)}`;

/** An amount of a currency, test or real: 1860000 → "1.86 USDC", in SOL 13064551 → "0.013064551 SOL". */
export const amountText = (amount: bigint, currency: Currency): string =>
  `${formatUnits(amount, currencyDecimals[currency])} ${currency}`;

/** A rate per hour: in dollars where the currency is one, else in the currency. */
export const rateText = (rate: bigint, currency: Currency): string =>
  currency === "USDC" ? priceText(rate) : amountText(rate, currency);

/** What an amount is in micro-USD: USDC counts as dollars, SOL by the price that it was quoted at. */
export const dollarsOf = (amount: bigint, solPrice: SolPrice | null): bigint =>
  solPrice === null ? amount : microUsdOf(amount, solPrice.microUsdPerSol);

/** The price of SOL that a quote was made at, and whether it is a real one. */
export const solPriceText = ({ microUsdPerSol, publishedAt, source, simulated }: SolPrice): string =>
  `1 SOL = ${priceText(microUsdPerSol)}${simulated ? " (simulated price: nobody trades SOL on this network)" : ""}, published ${publishedAt} in ${source}`;

/** Reads "0.40" or "$0.40" as micro-USD; null when it is no price. */
export function parsePrice(text: string): bigint | null {
  const match = /^\$?(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text.trim());
  if (!match) return null;
  const [, whole = "0", fraction = ""] = match;
  return BigInt(whole) * MICRO + BigInt(fraction.padEnd(6, "0"));
}

/** Rounds micro-USD to whole cents. */
export const roundToCents = (microUsd: bigint): bigint => ((microUsd + 5_000n) / 10_000n) * 10_000n;
