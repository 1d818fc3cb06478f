import { formatUnits } from "@ionet/protocol";

const MICRO = 1_000_000n;

/** A price per hour as people read it: 380000 → "$0.38". */
export const priceText = (microUsd: bigint): string => `$${formatUnits(microUsd, 6)}`;

/** An amount of test or real USDC: 1860000 → "1.86 USDC". */
export const usdcText = (amount: bigint): string => `${formatUnits(amount, 6)} USDC`;

/** Reads "0.40" or "$0.40" as micro-USD; null when it is no price. */
export function parsePrice(text: string): bigint | null {
  const match = /^\$?(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text.trim());
  if (!match) return null;
  const [, whole = "0", fraction = ""] = match;
  return BigInt(whole) * MICRO + BigInt(fraction.padEnd(6, "0"));
}

/** Rounds micro-USD to whole cents. */
export const roundToCents = (microUsd: bigint): bigint => ((microUsd + 5_000n) / 10_000n) * 10_000n;
