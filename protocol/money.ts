/** An amount in a token's smallest unit (USDC, IOSD: 10⁻⁶ USD; SOL: lamports). Never a float. */
export type BaseUnits = bigint & { readonly unit: "base units" };
/** A price: millionths of a US dollar for one GPU for one hour. */
export type MicroUsdPerGpuHour = bigint & { readonly unit: "micro-USD per GPU-hour" };
/** A lease's rate: base units of its mint per hour for all its GPUs. */
export type RatePerHour = bigint & { readonly unit: "base units per hour" };

const U64_MAX = 2n ** 64n - 1n;
const SECONDS_PER_HOUR = 3600n;
const BASIS_POINTS = 10_000n;

function checked(name: string, value: bigint): bigint {
  if (value < 0n || value > U64_MAX) {
    throw new RangeError(`${name} is ${value}; allowed is 0 to ${U64_MAX}`);
  }
  return value;
}

/** Names a bigint as an amount; throws a RangeError outside u64. */
export const baseUnits = (value: bigint): BaseUnits => checked("an amount", value) as BaseUnits;
/** Names a bigint as a price; throws a RangeError outside u64. */
export const microUsdPerGpuHour = (value: bigint): MicroUsdPerGpuHour =>
  checked("a price", value) as MicroUsdPerGpuHour;
/** Names a bigint as a rate; throws a RangeError outside u64. */
export const ratePerHour = (value: bigint): RatePerHour => checked("a rate", value) as RatePerHour;

/** The rate of a lease paid in a 6-decimals dollar token: one base unit is one micro-USD, so nothing is rounded. */
export function dollarRate(price: MicroUsdPerGpuHour, gpus: number): RatePerHour {
  return ratePerHour(price * BigInt(gpus));
}

/** What a lease has earned in all, how much of it is the network's fee, and what its supplier gets. Cumulative. */
export type Payout = { gross: BaseUnits; fee: BaseUnits; net: BaseUnits };

/**
 * The payout formula, cumulative per lease, so that splitting a payment never gains or loses a unit:
 * gross = ⌊rate × seconds ÷ 3600⌋, fee = ⌊gross × bps ÷ 10,000⌋, net = gross − fee.
 * The escrow program computes the same (programs/escrow, shared test vectors).
 */
export function payout(rate: RatePerHour, seconds: number, feeBps: number): Payout {
  const gross = baseUnits((rate * BigInt(seconds)) / SECONDS_PER_HOUR);
  const fee = baseUnits((gross * BigInt(feeBps)) / BASIS_POINTS);
  const net = baseUnits(gross - fee);
  if (net + fee !== gross) throw new Error("invariant broken: net + fee ≠ gross");
  return { gross, fee, net };
}

/** The most a lease can cost: ⌈rate × maxSeconds ÷ 3600⌉. The deposit of an escrow covers the sum over its leases. */
export function leaseBudget(rate: RatePerHour, maxSeconds: number): BaseUnits {
  return baseUnits((rate * BigInt(maxSeconds) + SECONDS_PER_HOUR - 1n) / SECONDS_PER_HOUR);
}

/** The sum of amounts. */
export function sum(amounts: Iterable<BaseUnits>): BaseUnits {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return baseUnits(total);
}

/**
 * An amount as people read it: `formatUnits(1_500_000n, 6)` is "1.50". At least two decimals, at most all.
 */
export function formatUnits(amount: bigint, decimals: number): string {
  const sign = amount < 0n ? "-" : "";
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits
    .slice(digits.length - decimals)
    .replace(/0+$/, "")
    .padEnd(Math.min(2, decimals), "0");
  return fraction === "" ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

/** Reads "1.5" as 1,500,000n at 6 decimals. Null when it is no decimal number or has too many decimals. */
export function parseUnits(text: string, decimals: number): bigint | null {
  const match = /^(\d{1,15})(?:\.(\d+))?$/.exec(text.trim());
  if (!match) return null;
  const [, whole = "0", fraction = ""] = match;
  if (fraction.length > decimals) return null;
  return BigInt(whole) * 10n ** BigInt(decimals) + BigInt(fraction.padEnd(decimals, "0") || "0");
}
