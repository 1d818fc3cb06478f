import { z } from "zod";
import { priceTierSchema } from "./compare.ts";
import { wholeParameter } from "./parameters.ts";
import { priceSchema, textSchema } from "./wire.ts";

/** Whose GPUs of which model. */
export const listingsQuerySchema = z.strictObject({
  gpuModel: textSchema(60, 1).meta({ examples: ["a100"] }),
  source: textSchema(40)
    .optional()
    .meta({ description: "`network`, `catalogue`, or a live inventory that is switched on" }),
  tier: priceTierSchema.optional(),
  limit: wholeParameter(1, 500).default(100),
});

/** GPUs that somebody lists. What is not bookable here can be hired where its link leads. */
export const listingSchema = z.object({
  source: z.string(),
  provider: z.string(),
  gpuModel: z.string(),
  tier: priceTierSchema,
  gpus: z.number().int().meta({ description: "how many the price was printed for" }),
  priceMicroUsdPerGpuHour: priceSchema,
  gpusFree: z.number().int().nullable().meta({ description: "null: the list does not say" }),
  region: z.string(),
  asOf: z.string().meta({ description: "when the price was true: YYYY, YYYY-MM-DD or a moment" }),
  ageDays: z.number().int(),
  from: z.string().meta({ description: "where the price was read" }),
  link: z.string().nullable(),
  note: z.string(),
  bookable: z.boolean(),
  simulated: z.boolean(),
});
export type ListingView = z.infer<typeof listingSchema>;

/** The cheapest listings, and which inventories could not answer. */
export const listingsSchema = z.object({
  items: z.array(listingSchema),
  failures: z.array(z.object({ source: z.string(), reason: z.string() })),
});
