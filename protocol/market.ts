import { z } from "zod";
import { idSchema } from "./ids.ts";
import { interconnectSchema } from "./nodes.ts";
import { regionSchema } from "./regions.ts";
import { solPriceSchema } from "./sol-price.ts";
import {
  addressSchema,
  amountSchema,
  budgetSchema,
  countrySchema,
  currencySchema,
  escrowNumberSchema,
  MAX_BUDGET,
  offeredPriceSchema,
  priceSchema,
  rateSchema,
  supplierKindSchema,
  textSchema,
  timeSchema,
} from "./wire.ts";

/**
 * What became of the time a node was hired for. Where `hiredHours` is 0 there is no history, and the other two are 0
 * for want of anything better: not a bad node, an unknown one.
 */
export const reliabilitySchema = z.object({
  share: z.number().min(0).max(1).meta({ description: "of the hired time, how much was delivered" }),
  hiredHours: z.number().min(0),
  lowerBound: z
    .number()
    .min(0)
    .max(1)
    .meta({ description: "Wilson's lower bound of the share at 95 %, each hired hour one trial" }),
});
export type Reliability = z.infer<typeof reliabilitySchema>;

/** The most leases that one escrow's table holds. */
export const MAX_LEASES_OF_ESCROW = 50;
/** The most leases of one quote, and so of one cluster: several escrows pay them. */
export const MAX_LEASES_OF_CLUSTER = 512;
/** The most escrows of one cluster: each is a transaction to open within the hold, and an account to watch. */
export const MAX_ESCROWS_OF_CLUSTER = 64;

/** The most GPUs of one demand. */
export const MAX_GPUS_OF_DEMAND = 1000;

/** What a node can be hired for now. */
export const offerSchema = z.object({
  nodeId: idSchema("node"),
  supplier: addressSchema,
  supplierKind: supplierKindSchema,
  country: countrySchema,
  gpuModel: z.string(),
  gpusFree: z.number().int().min(0),
  gpusTotal: z.number().int(),
  priceMicroUsdPerGpuHour: priceSchema,
  simulated: z.boolean(),
  sandbox: z.enum(["bubblewrap", "none"]),
  confinement: z.enum(["namespace", "loopback"]),
  region: regionSchema,
  vramMib: z.number().int().positive().meta({ description: "of one GPU" }),
  interruptiblePriceMicroUsdPerGpuHour: priceSchema.nullable().meta({
    description: "lower, for a lease that may be reclaimed with notice; null: none such",
  }),
  minSeconds: z.number().int().meta({ description: "the shortest lease" }),
  maxSeconds: z.number().int().meta({ description: "the longest lease" }),
  availableUntil: timeSchema
    .nullable()
    .meta({ description: "when the present window ends, and with it every lease; null: it does not" }),
  cpus: z.number().int(),
  memoryMib: z.number().int(),
  diskFreeMib: z.number().int(),
  driverVersion: z.string().nullable(),
  cudaVersion: z.string().nullable(),
  interconnect: interconnectSchema.nullable(),
  upMbps: z.number().nullable(),
  downMbps: z.number().nullable(),
  reliability: reliabilitySchema,
  verified: z.boolean().meta({ description: "its hardware has passed a challenge; no node's has yet" }),
  currencies: z.array(currencySchema),
  source: z.string().meta({ description: "`network`, or the inventory that lists it" }),
  bookable: z.boolean().meta({ description: "whether it can be hired through this network" }),
  link: z.string().nullable().meta({ description: "where it can be hired, when not here" }),
});
export type Offer = z.infer<typeof offerSchema>;

/** What an engineer wants. */
export const demandSchema = z.strictObject({
  gpuModel: textSchema(60, 1).meta({ examples: ["a100-40gb"] }),
  gpuCount: z.number().int().min(1).max(MAX_GPUS_OF_DEMAND),
  durationSeconds: z
    .number()
    .int()
    .min(60)
    .max(30 * 86_400)
    .default(3600),
  currency: currencySchema.default("USDC"),
  maxPriceMicroUsdPerGpuHour: priceSchema.optional(),
  minSuppliers: z.number().int().min(1).max(MAX_LEASES_OF_CLUSTER).default(1),
  maxSuppliers: z.number().int().min(1).max(MAX_LEASES_OF_CLUSTER).optional(),
  maxNodes: z.number().int().min(1).max(MAX_LEASES_OF_CLUSTER).optional(),
  maxBudgetMicroUsd: amountSchema
    .optional()
    .meta({ description: "the most that all GPUs together may cost for the whole duration, in micro-USD" }),
  regions: z.array(regionSchema).min(1).max(20).optional(),
  countries: z.array(countrySchema).max(50).optional(),
  supplierKinds: z.array(supplierKindSchema).max(supplierKindSchema.options.length).optional(),
  placement: z.enum(["pack", "spread"]).optional().meta({
    description:
      "`pack`: on as few nodes as can be, in one region if one has enough; `spread`: no supplier gives more than it must; else the cheapest",
  }),
  interruptible: z.boolean().optional().meta({
    description:
      "at the lower price of offers that have one; suppliers may reclaim their nodes with 120 s notice",
  }),
  verified: z.literal(true).optional().meta({ description: "only hardware that has passed a challenge" }),
});
export type Demand = z.infer<typeof demandSchema>;

/** A demand as it is asked; those that were kept may be older than these limits. */
export const askedDemandSchema = demandSchema.extend({
  maxPriceMicroUsdPerGpuHour: offeredPriceSchema.optional(),
  maxBudgetMicroUsd: budgetSchema.optional().meta({
    description: `the most that all GPUs together may cost for the whole duration, from 1 to ${MAX_BUDGET} micro-USD`,
  }),
});

/** What a cloud asks for the same GPUs: a row of the dated catalogue. */
export const cloudPriceSchema = z.object({
  provider: z.string(),
  gpuModel: z.string(),
  priceMicroUsdPerGpuHour: priceSchema,
  asOf: z.string().meta({ description: "the date of the price, YYYY-MM-DD or the year" }),
  source: z.string(),
});
export type CloudPrice = z.infer<typeof cloudPriceSchema>;

/** One node's share of a quote: it becomes a lease. */
export const quotedLeaseSchema = z.object({
  leaseId: idSchema("lease"),
  nodeId: idSchema("node"),
  supplier: addressSchema,
  supplierKind: supplierKindSchema,
  country: countrySchema,
  gpuModel: z.string(),
  gpus: z.array(z.number().int()).meta({ description: "indices of the node's GPUs" }),
  simulated: z.boolean(),
  priceMicroUsdPerGpuHour: priceSchema,
  ratePerHour: rateSchema,
  maxSeconds: z.number().int().positive(),
  latestSeconds: z.number().int().positive().optional().meta({
    description:
      "the longest that top-ups may make it: what its supplier's longest lease and windows allowed when it was quoted; absent where it was quoted without",
  }),
  interruptible: z
    .boolean()
    .optional()
    .meta({ description: "its supplier may reclaim the node with notice" }),
});
export type QuotedLease = z.infer<typeof quotedLeaseSchema>;

/** An answer to a demand: which offers, at what price, until when. */
export const quoteSchema = z.object({
  id: idSchema("quote"),
  demand: demandSchema,
  leases: z.array(quotedLeaseSchema).min(1).max(MAX_LEASES_OF_CLUSTER),
  feeBps: z.number().int(),
  deposit: amountSchema.meta({
    description: "what all escrows together are funded with: Σ ⌈rate × maxSeconds ÷ 3600⌉",
  }),
  ratePerHour: rateSchema.meta({ description: "of all leases together" }),
  clouds: z.array(cloudPriceSchema),
  solPrice: solPriceSchema
    .nullable()
    .meta({ description: "at which the rates were turned into lamports; null in other currencies" }),
  expiresAt: timeSchema,
});
export type Quote = z.infer<typeof quoteSchema>;

export const bookRequestSchema = z.strictObject({
  quoteId: idSchema("quote"),
  leasesPerEscrow: z.number().int().min(1).max(MAX_LEASES_OF_ESCROW).default(MAX_LEASES_OF_ESCROW).meta({
    description:
      "the most leases of one escrow: fewer than 50 for a wallet that signs only v0 transactions, which hold about 15",
  }),
});

export const reservationStateSchema = z.enum(["held", "funded", "expired", "released"]);
export type ReservationState = z.infer<typeof reservationStateSchema>;

/** One of the escrows of a reservation: it pays the leases from `firstLease` on, `leaseCount` of them, in their order. */
export const reservedEscrowSchema = z.object({
  address: addressSchema,
  number: escrowNumberSchema,
  mint: addressSchema,
  deposit: amountSchema,
  feeBps: z.number().int(),
  firstLease: z
    .number()
    .int()
    .min(0)
    .meta({ description: "place of its first lease in the reservation's list" }),
  leaseCount: z.number().int().min(1).max(MAX_LEASES_OF_ESCROW),
});
export type ReservedEscrow = z.infer<typeof reservedEscrowSchema>;

/**
 * A quote taken: its GPUs are held until `expiresAt`. The engineer opens and funds exactly these escrows before that: all
 * of them, for the cluster forms when the last one is there, and otherwise all are refunded.
 */
export const reservationSchema = z.object({
  id: idSchema("reservation"),
  quoteId: idSchema("quote"),
  clusterId: idSchema("cluster"),
  state: reservationStateSchema,
  reason: z
    .string()
    .nullable()
    .meta({ description: "why it is not held any more, or what is wrong with its escrows" }),
  leases: z.array(quotedLeaseSchema),
  escrows: z.array(reservedEscrowSchema).min(1).max(MAX_ESCROWS_OF_CLUSTER),
  deposit: amountSchema.meta({ description: "of all escrows together" }),
  expiresAt: timeSchema,
});
export type Reservation = z.infer<typeof reservationSchema>;

/** The leases that an escrow pays, in the order of its own table. */
export const leasesOfEscrow = <Lease>(
  leases: readonly Lease[],
  escrow: Pick<ReservedEscrow, "firstLease" | "leaseCount">,
): Lease[] => leases.slice(escrow.firstLease, escrow.firstLease + escrow.leaseCount);
