import { z } from "zod";
import { microUsdSchema } from "./micro-usd.ts";
import { wholeParameter } from "./parameters.ts";
import { priceSchema, textSchema } from "./wire.ts";

/** How a price binds: by the hour; reclaimable at any time; with a commitment of so long. */
export const priceTierSchema = z.enum(["on_demand", "spot", "reserved_6mo", "reserved_1y", "reserved_3y"]);
export type PriceTier = z.infer<typeof priceTierSchema>;

/** What is to be compared: so many GPUs on so many days. */
export const compareQuerySchema = z.strictObject({
  gpuModel: textSchema(60, 1).meta({
    description: "a model, or a chip of which every size will do",
    examples: ["a100"],
  }),
  gpuCount: wholeParameter(1, 10_000).default(1),
  days: wholeParameter(1, 3650).default(1),
  hoursPerDay: wholeParameter(1, 24).default(24),
  maxAgeDays: wholeParameter(1, 3650)
    .default(180)
    .meta({ description: "prices older than this are marked old" }),
});

/** What all the GPUs cost. */
export const costSchema = z.object({
  priceMicroUsdPerGpuHour: priceSchema,
  microUsdPerHour: microUsdSchema,
  microUsdPerDay: microUsdSchema.meta({ description: "a day of `hoursPerDay`" }),
  microUsdForJob: microUsdSchema,
});
export type Cost = z.infer<typeof costSchema>;

/** Why GPUs that are free are not among those that can be assembled. */
export const leftOutSchema = z
  .enum(["duration", "currency", "reserved", "confinement", "size", "model"])
  .meta({
    description:
      "`duration`: not to be hired for so long; `currency`: not for USDC; `reserved`: kept for a waiting request; `confinement`: can't be joined to the others; `size`: more than one cluster holds; `model`: of another model than the one that was taken",
  });
export type LeftOut = z.infer<typeof leftOutSchema>;

/**
 * What can be quoted of the job at this moment, by the rule that quotes are made by: GPUs of one model, on nodes that
 * reach each other, in USDC.
 */
export const assemblySchema = z.object({
  gpuModel: z
    .string()
    .nullable()
    .meta({ description: "the one model that it is of; null: nobody offers any" }),
  enough: z.boolean().meta({ description: "whether all of it can be quoted now, for `leaseSeconds`" }),
  leaseSeconds: z.number().int().meta({
    description:
      "the length of the lease that was looked for: the whole job, a day of it where a day has fewer than 24 h, at most the longest lease there is",
  }),
  gpus: z.number().int().meta({ description: "how many can be quoted now, at most as many as asked" }),
  suppliers: z.number().int().meta({ description: "of how many suppliers these are" }),
  nodes: z.number().int().meta({ description: "on how many nodes these are" }),
  simulated: z.boolean().meta({ description: "whether some of these GPUs exist in name only" }),
  cost: costSchema.nullable().meta({
    description: "of all GPUs asked for, those that are missing at an assumed price; null: nobody offers any",
  }),
  assumed: z.object({ gpus: z.number().int(), priceMicroUsdPerGpuHour: priceSchema }).nullable().meta({
    description:
      "how many GPUs of the cost can't be had now, and what each was reckoned at: the dearest that so many would take of all that is free, whatever keeps it from being taken; where that is too little the dearest that anybody asks; null: none, the cost can be quoted",
  }),
  gpusFree: z.number().int().meta({ description: "of all models asked for, free now at whatever terms" }),
  leftOut: z
    .array(z.object({ why: leftOutSchema, gpus: z.number().int() }))
    .meta({ description: "what is free besides and could not be taken" }),
  shorter: z.object({ leaseSeconds: z.number().int(), microUsdPerHour: microUsdSchema }).nullable().meta({
    description: "where all of it can't be had for so long: the longest lease for which it can; null: none",
  }),
  note: z.string().meta({ description: "the same in words" }),
});
export type Assembly = z.infer<typeof assemblySchema>;

/** The same GPUs elsewhere, and what is saved against it. */
export const comparedSchema = z.object({
  source: z.string().meta({ description: "the inventory that lists it: `catalogue`, `vast.ai`" }),
  provider: z.string(),
  gpuModel: z.string(),
  tier: priceTierSchema,
  region: z.string(),
  cost: costSchema,
  savedMicroUsd: microUsdSchema
    .nullable()
    .meta({ description: "for the job; negative where it is cheaper there; null: the network has no price" }),
  savedBps: z.number().int().nullable().meta({ description: "the same in hundredths of a percent" }),
  savedAgainst: z.enum(["on_demand", "interruptible"]).nullable().meta({
    description:
      "which of the network's costs it is saved by: spot prices stand beside the interruptible one, where all of it can be had at that",
  }),
  savedRestsOn: z.enum(["quotable", "partly assumed", "assumed"]).nullable().meta({
    description: "whether that cost can be quoted now, or prices are assumed for some or all of the GPUs",
  }),
  asOf: z.string().meta({ description: "the date of the price: YYYY, YYYY-MM-DD or a moment" }),
  ageDays: z.number().int(),
  old: z.boolean().meta({ description: "older than `maxAgeDays`" }),
  bookable: z.boolean().meta({ description: "whether it can be hired through this network" }),
  from: z.string().meta({ description: "where the price was read" }),
  link: z
    .string()
    .nullable()
    .meta({ description: "where it can be hired: the offer, or its provider's page" }),
  note: z.string(),
});
export type Compared = z.infer<typeof comparedSchema>;

/** What the network can assemble, beside what others ask for the same. */
export const comparisonSchema = z.object({
  gpuModels: z.array(z.string()),
  gpuCount: z.number().int(),
  days: z.number().int(),
  hoursPerDay: z.number().int(),
  network: assemblySchema,
  interruptible: assemblySchema.nullable().meta({
    description:
      "the same at the lower price of leases that may be reclaimed with notice; null: nobody offers such",
  }),
  rows: z.array(comparedSchema),
  oldPrices: z
    .object({
      count: z.number().int(),
      of: z.number().int(),
      maxAgeDays: z.number().int(),
      oldest: z.string().meta({ description: "the date of the oldest" }),
    })
    .nullable()
    .meta({ description: "how many of the rows are older than `maxAgeDays`; null: none" }),
  failures: z.array(z.object({ source: z.string(), reason: z.string() })),
});
export type Comparison = z.infer<typeof comparisonSchema>;
