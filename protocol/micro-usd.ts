import { z } from "zod";

/** An amount of US dollars in millionths; may be negative (a loss). Never a float. */
export type MicroUsd = bigint & { readonly unit: "micro-USD" };

/** Names a bigint as micro-USD. */
export const microUsd = (value: bigint): MicroUsd => value as MicroUsd;

/** An amount in micro-USD, `"-650000"` on the wire. */
export const microUsdSchema = z.codec(
  z
    .string()
    .regex(/^-?\d{1,18}$/, 'expected an amount in micro-USD as a string of digits, like "650000"')
    .meta({ description: "an amount in micro-USD, at most 18 digits", examples: ["650000"] }),
  z.custom<MicroUsd>(),
  { decode: (text) => microUsd(BigInt(text)), encode: String },
);
