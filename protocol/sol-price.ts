import { z } from "zod";
import { type MicroUsdPerGpuHour, type RatePerHour, ratePerHour } from "./money.ts";
import { addressSchema, timeSchema } from "./wire.ts";

/** The price of SOL: millionths of a US dollar for one SOL. */
export type MicroUsdPerSol = bigint & { readonly unit: "micro-USD per SOL" };

const LAMPORTS_PER_SOL = 1_000_000_000n;
/** One cent. Below it amounts of lamports could leave u64, and SOL would hardly be SOL. */
export const LOWEST_SOL_PRICE = 10_000n;

/** Names a bigint as the price of SOL; throws a RangeError below a cent. */
export function microUsdPerSol(value: bigint): MicroUsdPerSol {
  if (value < LOWEST_SOL_PRICE) {
    throw new RangeError(`a price of SOL is ${value} micro-USD; allowed is from ${LOWEST_SOL_PRICE}`);
  }
  return value as MicroUsdPerSol;
}

/**
 * The rate of a lease paid in SOL, in lamports per hour: ⌈price × gpus × 10⁹ ÷ micro-USD per SOL⌉. Rounded once, and up:
 * a supplier never gets less than its price in dollars, an engineer pays at most one lamport an hour more. Throws a
 * RangeError outside u64.
 */
export function lamportRate(price: MicroUsdPerGpuHour, gpus: number, sol: MicroUsdPerSol): RatePerHour {
  const dollars = price * BigInt(gpus) * LAMPORTS_PER_SOL;
  return ratePerHour((dollars + sol - 1n) / sol);
}

/** What lamports are worth at a price, in micro-USD, rounded down: for people to read, never to pay by. */
export const microUsdOf = (lamports: bigint, sol: MicroUsdPerSol): bigint =>
  (lamports * sol) / LAMPORTS_PER_SOL;

/** The price of SOL that a quote was made at. */
export const solPriceSchema = z.object({
  microUsdPerSol: z
    .codec(z.string().regex(/^\d{1,19}$/, "expected micro-USD as digits"), z.custom<MicroUsdPerSol>(), {
      decode: (text) => microUsdPerSol(BigInt(text)),
      encode: (price) => price.toString(),
    })
    .meta({ examples: ["142370000"] }),
  publishedAt: timeSchema,
  source: addressSchema.meta({ description: "the price account on chain" }),
  simulated: z.boolean().meta({ description: "true on local networks: nobody trades SOL there" }),
});
export type SolPrice = z.infer<typeof solPriceSchema>;
