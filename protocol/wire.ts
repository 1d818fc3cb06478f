import { z } from "zod";
import {
  type BaseUnits,
  baseUnits,
  type MicroUsdPerGpuHour,
  microUsdPerGpuHour,
  type RatePerHour,
  ratePerHour,
} from "./money.ts";
import { countryCodes } from "./regions.ts";

/*
 * What numbers and addresses look like in JSON. Amounts travel as strings of digits, since JSON numbers are floats;
 * inside they are branded bigints.
 */

// Encoding takes whatever it is given for text, so that what is no amount is refused by its form and nothing throws.
const digits = (what: string, example: string) =>
  z
    .string()
    .regex(/^[0-9]{1,19}$/, `expected ${what} as a string of digits, like "${example}"`)
    .meta({ description: `${what}, at most 19 digits`, examples: [example] });

/** An amount in base units, `"1500000"` on the wire. */
export const amountSchema = z.codec(digits("an amount in base units", "1500000"), z.custom<BaseUnits>(), {
  decode: (text) => baseUnits(BigInt(text)),
  encode: String,
});

/** Digits of a whole number from 1 to `most`, by a pattern that says so to every reader of the OpenAPI document. */
function digitsFrom1To(most: bigint, what: string) {
  const digitsOfMost = most.toString();
  const shorter = digitsOfMost.length > 1 ? [`[1-9][0-9]{0,${digitsOfMost.length - 2}}`] : [];
  // As long as the most, and smaller from some digit on.
  const smaller = [...digitsOfMost].flatMap((digit, place) => {
    const least = place === 0 ? 1 : 0;
    if (Number(digit) <= least) return [];
    const rest = digitsOfMost.length - place - 1;
    return [
      `${digitsOfMost.slice(0, place)}[${least}-${Number(digit) - 1}]${rest > 0 ? `[0-9]{${rest}}` : ""}`,
    ];
  });
  return z
    .string()
    .regex(new RegExp(`^(${[...shorter, ...smaller, digitsOfMost].join("|")})$`), `expected ${what}`);
}

/** A price in micro-USD per GPU-hour, `"400000"` on the wire ($0.40). */
export const priceSchema = z.codec(
  digits("a price in micro-USD per GPU-hour", "400000"),
  z.custom<MicroUsdPerGpuHour>(),
  {
    decode: (text) => microUsdPerGpuHour(BigInt(text)),
    encode: String,
  },
);

/** The most a GPU-hour may be offered for: $1,000, many times what any GPU costs. Sums of leases stay far below u64. */
export const MAX_PRICE = microUsdPerGpuHour(1_000_000_000n);

const OFFERED = `a price from 1 to ${MAX_PRICE} micro-USD per GPU-hour`;
/** A price that somebody offers, or at most pays: more than nothing, since the escrow takes no lease without a rate. */
export const offeredPriceSchema = z
  .codec(digitsFrom1To(MAX_PRICE, OFFERED), z.custom<MicroUsdPerGpuHour>(), {
    decode: (text) => microUsdPerGpuHour(BigInt(text)),
    encode: String,
  })
  .meta({ description: OFFERED, examples: ["400000"] });

/** The most that any demand can cost, in micro-USD: 1,000 GPUs at the highest price for 30 days. */
export const MAX_BUDGET = baseUnits(MAX_PRICE * 1000n * 24n * 30n);

const BUDGET = `a budget from 1 to ${MAX_BUDGET} micro-USD`;
/** The most that somebody pays for a whole demand, in micro-USD. */
export const budgetSchema = z
  .codec(digitsFrom1To(MAX_BUDGET, BUDGET), z.custom<BaseUnits>(), {
    decode: (text) => baseUnits(BigInt(text)),
    encode: String,
  })
  .meta({ description: BUDGET, examples: ["25000000"] });

/** A rate in base units per hour. */
export const rateSchema = z.codec(
  digits("a rate in base units per hour", "800000"),
  z.custom<RatePerHour>(),
  {
    decode: (text) => ratePerHour(BigInt(text)),
    encode: String,
  },
);

/** The number of an escrow of its engineer: u64. */
export const escrowNumberSchema = z.codec(digits("the escrow's number", "17"), z.custom<bigint>(), {
  decode: (text) => BigInt(text),
  encode: String,
});

/** A Solana address: 32 bytes in base58. */
export const addressSchema = z
  .string()
  .regex(/^[1-9A-HJ-NP-Za-km-z]{32,44}$/, "expected a Solana address (base58, 32 bytes)");

/** A Solana transaction signature: 64 bytes in base58. */
export const signatureSchema = z
  .string()
  .regex(/^[1-9A-HJ-NP-Za-km-z]{64,88}$/, "expected a transaction signature (base58)");

/** Bytes in standard base64. */
export const base64Schema = z.base64();

/** So many bytes, not more nor fewer, in standard base64. */
export function bytesSchema(length: number) {
  const characters = Math.ceil((length * 8) / 6);
  const padding = "=".repeat((4 - (characters % 4)) % 4);
  return z
    .string()
    .regex(new RegExp(`^[A-Za-z0-9+/]{${characters}}${padding}$`), `expected ${length} bytes in base64`);
}

/**
 * What no line of text has: controls, separators of lines, marks that turn the direction of writing. Written out, since
 * many readers of the OpenAPI document know no `\p{…}`.
 */
const UNPRINTABLE = String.raw`\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069`;

/**
 * Text of `min` to `max` characters, counted as JSON Schema does: a character beyond 16 bits is one. Halves of such
 * characters are refused, which are no text and which PostgreSQL can't hold.
 */
const sized = (min: number, max: number, pattern?: RegExp) => {
  const text =
    pattern === undefined
      ? z.string()
      : z.string().regex(pattern, "expected text without control characters");
  const fits = (given: string) => {
    // No character is longer than two units: only what is between needs counting.
    const length = given.length <= max && given.length >= 2 * min ? given.length : [...given].length;
    return length >= min && length <= max;
  };
  return text
    .refine((given) => given.isWellFormed(), "expected whole characters, not halves of surrogate pairs")
    .refine(fits, `expected ${min === 0 ? "" : `${min} to `}${max} characters${min === 0 ? " at most" : ""}`)
    .meta({ maxLength: max, ...(min > 0 ? { minLength: min } : {}) });
};

/**
 * One line of text of `min` to `max` characters: for whatever a stranger may write and others' terminals will show.
 * Refuses control characters (NUL, which PostgreSQL cannot hold, and the escapes that command a terminal), line and
 * paragraph separators, marks that turn the direction of writing, and halves of surrogate pairs.
 */
export const textSchema = (max: number, min = 0) => sized(min, max, new RegExp(`^[^${UNPRINTABLE}]*$`, "u"));

/** Text of several lines, of at most `max` characters, for what is compared and not kept. */
export const linesSchema = (max: number) => sized(0, max);

/**
 * The words of a program that failed, of at most `max` characters. They often have several lines and colours, and a node
 * must be able to tell of its trouble: what `textSchema` would refuse becomes a space.
 */
export const reportedTextSchema = (max: number) =>
  z
    .string()
    .max(max)
    .overwrite((text) => text.replace(new RegExp(`[${UNPRINTABLE}\\ud800-\\udfff]`, "gu"), " "));

/** A moment: RFC 3339 in UTC. */
export const timeSchema = z.iso.datetime().max(40);

/** A country: ISO 3166-1 alpha-2. */
export const countrySchema = z.enum(countryCodes, "expected the code of a country, like DE (ISO 3166-1)");

/** Currencies an escrow can be held in today. A network lists those that it takes. */
export const currencySchema = z.enum(["USDC", "SOL"]);
export type Currency = z.infer<typeof currencySchema>;

/** How many decimals an amount of a currency has: one SOL is 10⁹ lamports. */
export const currencyDecimals: Readonly<Record<Currency, number>> = { USDC: 6, SOL: 9 };

/** What kind of supplier somebody is. */
export const supplierKindSchema = z.enum(["data-centre", "miner", "storage-provider", "individual"]);
export type SupplierKind = z.infer<typeof supplierKindSchema>;
