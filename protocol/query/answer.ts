import { z } from "zod";
import { listingSchema } from "../listings.ts";
import { timeSchema } from "../wire.ts";

const count = z.number().int().min(0);

/** How much there is: offers, and the GPUs free in them. */
export const supplySchema = z.object({ offers: count, gpusFree: count });
export type Supply = z.infer<typeof supplySchema>;

/**
 * Why a search finds too little: which of its conditions is the tight one, and what relaxing it would bring. Tightest
 * first: the one whose relaxing alone brings what is wanted.
 */
export const shortageSchema = z.object({
  gpusWanted: count,
  gpusFree: count.meta({ description: "of all offers that match now" }),
  conditions: z.array(
    z.object({
      condition: z.string().meta({ description: "as it is typed, like price<=0.50" }),
      withoutIt: supplySchema,
      relaxed: z
        .object({ condition: z.string(), supply: supplySchema })
        .nullable()
        .meta({ description: "the nearest condition that brings what is wanted; null: none, or drop it" }),
    }),
  ),
  together: z
    .object({ conditions: z.array(z.string()), withoutThem: supplySchema })
    .nullable()
    .meta({
      description: "where no one alone does: the fewest found that bring it when all of them are dropped",
    }),
  advice: z.string(),
});
export type Shortage = z.infer<typeof shortageSchema>;

/** What a search answers besides the page of offers. */
export const searchSummary = {
  matching: supplySchema.meta({ description: "all that match, on whichever page" }),
  shortage: shortageSchema.nullable().meta({ description: "null: as much as is wanted matches" }),
  listed: z
    .object({
      items: z.array(listingSchema),
      matching: count,
      unchecked: z.array(z.string()).meta({
        description: "conditions that are not known of others' listings, and so not applied to them",
      }),
      failures: z.array(z.object({ source: z.string(), reason: z.string() })),
    })
    .nullable()
    .meta({ description: "what the inventories of others list that `source` names; null: it names none" }),
  asOf: timeSchema.meta({ description: "when these offers were read; booking looks again" }),
};
