import { z } from "zod";
import { microUsdSchema } from "./micro-usd.ts";
import { priceSchema, textSchema } from "./wire.ts";

/** How a price binds: by the hour; reclaimable at any time; with a commitment of so long. */
export const priceTierSchema = z.enum(["on_demand", "spot", "reserved_6mo", "reserved_1y", "reserved_3y"]);
export type PriceTier = z.infer<typeof priceTierSchema>;

/** What is to be compared: so many GPUs on so many days. */
export const compareQuerySchema = z.strictObject({
  gpuModel: textSchema(60)
    .min(1)
    .meta({ description: "a model, or a chip of which every size will do", examples: ["a100"] }),
  gpuCount: z.coerce.number().int().min(1).max(10_000).default(1),
  days: z.coerce.number().int().min(1).max(3650).default(1),
  hoursPerDay: z.coerce.number().int().min(1).max(24).default(24),
  maxAgeDays: z.coerce
    .number()
    .int()
    .min(1)
    .max(3650)
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
  asOf: z.string().meta({ description: "the date of the price: YYYY, YYYY-MM-DD or a moment" }),
  ageDays: z.number().int(),
  old: z.boolean().meta({ description: "older than `maxAgeDays`" }),
  bookable: z.boolean().meta({ description: "whether it can be hired through this network" }),
  from: z.string().meta({ description: "where the price was read" }),
  link: z.string().nullable().meta({ description: "where it can be hired" }),
  note: z.string(),
});
export type Compared = z.infer<typeof comparedSchema>;

/** What the network can assemble, beside what others ask for the same. */
export const comparisonSchema = z.object({
  gpuModels: z.array(z.string()),
  gpuCount: z.number().int(),
  days: z.number().int(),
  hoursPerDay: z.number().int(),
  network: z.object({
    gpusFree: z.number().int(),
    enough: z.boolean().meta({ description: "whether all of it can be assembled now" }),
    simulated: z.boolean().meta({ description: "whether some of these GPUs exist in name only" }),
    cost: costSchema.nullable().meta({
      description: "of the cheapest GPUs; when there are not enough, as if all had the cheapest known price",
    }),
    note: z.string(),
  }),
  rows: z.array(comparedSchema),
  failures: z.array(z.object({ source: z.string(), reason: z.string() })),
});
export type Comparison = z.infer<typeof comparisonSchema>;
