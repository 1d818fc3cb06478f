import { z } from "zod";

/** A whole number in a URL: text there, and an integer to everybody who reads the OpenAPI document. */
export const wholeParameter = (least: number, most: number) =>
  z
    .codec(
      z.string().regex(/^[0-9]{1,16}$/, `expected a whole number from ${least} to ${most}`),
      z
        .number()
        .int()
        .min(least, `expected a whole number from ${least} to ${most}`)
        .max(most, `expected a whole number from ${least} to ${most}`),
      { decode: Number, encode: String },
    )
    .meta({ type: "integer", minimum: least, maximum: most });
