import { z } from "zod";
import { idSchema } from "./ids.ts";
import { askedDemandSchema, bookRequestSchema, demandSchema } from "./market.ts";
import { wholeParameter } from "./parameters.ts";
import { timeSchema } from "./wire.ts";

/** The longest that a request may wait, in seconds: 30 days. */
export const MAX_WAIT_SECONDS = 30 * 86_400;
/** The longest that an answer with events is held back, in seconds. */
export const MAX_POLL_SECONDS = 30;

/** A demand that waits until it can be met, and for how long. */
export const newRequestSchema = askedDemandSchema.extend({
  waitUntil: timeSchema.meta({ description: "in the future, at most 30 days from now" }),
  leasesPerEscrow: bookRequestSchema.shape.leasesPerEscrow,
});

export const requestStateSchema = z.enum(["waiting", "held", "fulfilled", "expired", "cancelled"]);
export type RequestState = z.infer<typeof requestStateSchema>;

/** What stands between a request and its GPUs: the tight condition first, where there is one. */
export const waitsForSchema = z.object({
  detail: z.string(),
  field: z.string().optional(),
  given: z.string().optional(),
  allowed: z.string().optional(),
});
export type WaitsFor = z.infer<typeof waitsForSchema>;

/** A demand that waits: booked for its engineer as soon as supply fits, who then has 90 s to open the escrows. */
export const requestSchema = z.object({
  id: idSchema("request"),
  state: requestStateSchema,
  reason: z.string().nullable().meta({ description: "why it waits no longer" }),
  demand: demandSchema,
  createdAt: timeSchema,
  waitUntil: timeSchema,
  position: z
    .number()
    .int()
    .nullable()
    .meta({ description: "among the requests that wait for this GPU model; 1 is served first" }),
  waitsFor: waitsForSchema.nullable(),
  earliestAt: timeSchema.nullable().meta({
    description:
      "by when its GPUs can be had at the latest, if running leases are not topped up and no older request takes them; null: not known",
  }),
  reservationId: idSchema("reservation")
    .nullable()
    .meta({ description: "while held, and when fulfilled: open its escrows before it expires" }),
});
export type WaitingRequest = z.infer<typeof requestSchema>;

/** One thing that happened to a request. */
export const requestEventSchema = z.object({
  id: z.number().int().meta({ description: "grows from event to event" }),
  at: timeSchema,
  event: z.enum(["created", "waits", "held", "lapsed", "fulfilled", "expired", "cancelled"]),
  detail: z.string().nullable(),
  reservationId: idSchema("reservation").nullable(),
});
export type RequestEvent = z.infer<typeof requestEventSchema>;

export const requestEventsQuerySchema = z.strictObject({
  after: wholeParameter(0, Number.MAX_SAFE_INTEGER)
    .default(0)
    .meta({ description: "only events with a larger id" }),
  waitSeconds: wholeParameter(0, MAX_POLL_SECONDS)
    .default(0)
    .meta({ description: "hold the answer back so long if there is none yet" }),
});

/** Events oldest first; of those that tell what it waits for only the newest is kept. */
export const requestEventsSchema = z.object({
  items: z.array(requestEventSchema),
  ended: z.boolean().meta({ description: "nothing more will happen to this request" }),
});
