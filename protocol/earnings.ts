import { z } from "zod";
import { cloudPriceSchema } from "./market.ts";
import { microUsdSchema } from "./micro-usd.ts";
import { wholeParameter } from "./parameters.ts";
import { offeredPriceSchema, priceSchema, textSchema } from "./wire.ts";

/** The most that a kilowatt-hour may be said to cost, in micro-USD: $5. */
export const MAX_TARIFF = 5_000_000;

/** One card, where it stands, and at what price it is hired for which share of the day. */
export const earningsQuerySchema = z.strictObject({
  gpuModel: textSchema(60, 1),
  country: textSchema(60, 1).meta({
    description: "ISO code, US-XX for a state, or the name",
    examples: ["ID"],
  }),
  priceMicroUsdPerGpuHour: offeredPriceSchema,
  hiredBps: wholeParameter(0, 10_000)
    .default(6000)
    .meta({ description: "share of the day that it is hired, in hundredths of a percent" }),
  idleWatts: wholeParameter(0, 2000).optional(),
  tariffMicroUsdPerKwh: wholeParameter(0, MAX_TARIFF)
    .optional()
    .meta({ description: "what the owner really pays for electricity; instead of the country's tariff" }),
});

const dayPart = (description: string) => microUsdSchema.meta({ description });

/** A card's day renting beside its day mining, and from where on renting wins. All amounts are of one day of 24 h. */
export const earningsSchema = z.object({
  gpuModel: z.string(),
  country: z.string(),
  priceMicroUsdPerGpuHour: priceSchema,
  hiredBps: z.number().int(),
  feeBps: z.number().int(),
  hiredWatts: z.number().int(),
  idleWatts: z.number().int(),
  tariff: z.object({
    microUsdPerKwh: z.number().int(),
    customer: z
      .enum(["industrial", "business", "household", "yours"])
      .meta({ description: "whose tariff it is; `yours`: given by who asks" }),
    period: z.string(),
    source: z.string(),
    reliability: z.string(),
  }),
  renting: z.object({
    grossMicroUsd: dayPart("price × hired hours"),
    feeMicroUsd: dayPart("the network's"),
    electricityMicroUsd: dayPart("hired at the power limit, else idle"),
    netMicroUsd: dayPart("what is left"),
  }),
  mining: z.object({
    grossMicroUsd: dayPart("what mining brings"),
    watts: z.number().int(),
    electricityMicroUsd: dayPart("all day"),
    netMicroUsd: dayPart("what is left"),
    basis: z.enum(["measured", "published", "claimed", "estimated"]),
    period: z.string(),
    source: z.string(),
  }),
  gainPercent: z
    .number()
    .int()
    .nullable()
    .meta({ description: "renting over mining, both before electricity; null: mining brings nothing" }),
  breakEven: z.object({
    against: z.enum(["mining", "switched off"]).meta({ description: "the better of the two" }),
    priceMicroUsdPerGpuHour: priceSchema
      .nullable()
      .meta({ description: "at this share of the day; null: none" }),
    hiredBps: z.number().int().nullable().meta({ description: "at this price; null: not even all day" }),
  }),
  clouds: z.array(cloudPriceSchema).meta({ description: "what clouds ask engineers for the same card" }),
  facts: z.array(z.string()).meta({ description: "what was measured or published, and by whom" }),
  estimates: z.array(z.string()).meta({ description: "what is estimated here, and how" }),
});
export type Earnings = z.infer<typeof earningsSchema>;
