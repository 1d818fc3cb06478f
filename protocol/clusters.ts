import { z } from "zod";
import { idSchema } from "./ids.ts";
import {
  addressSchema,
  amountSchema,
  countrySchema,
  currencySchema,
  rateSchema,
  signatureSchema,
  supplierKindSchema,
  timeSchema,
} from "./wire.ts";

export const clusterStateSchema = z.enum(["forming", "ready", "degraded", "stopping", "closed", "failed"]);
export type ClusterState = z.infer<typeof clusterStateSchema>;

export const leasePhaseSchema = z.enum(["assigned", "preparing", "joined", "ended"]);
export type LeasePhase = z.infer<typeof leasePhaseSchema>;

/** Why a lease ended or a cluster failed. */
export const endReasonSchema = z.enum([
  "stopped-by-engineer",
  "budget-spent",
  "agent-lost",
  "ray-failed-to-start",
  "ray-exited",
  "environment-failed",
  "ports-taken",
  "disk-full",
  "head-lost",
  "forming-timed-out",
  "control-plane-silent",
  "supplier-withdrew",
  "reclaimed-by-supplier",
  "head-contradicts",
  "address-shared",
]);
export type EndReason = z.infer<typeof endReasonSchema>;

/** One node's share of one cluster: the unit of metering and of payment. */
export const leaseSchema = z.object({
  id: idSchema("lease"),
  index: z.number().int().meta({ description: "its place in the cluster; the head's is 0" }),
  escrow: addressSchema.meta({ description: "the escrow that pays it" }),
  escrowIndex: z.number().int().meta({ description: "its place in that escrow's table" }),
  nodeId: idSchema("node"),
  role: z.enum(["head", "worker"]),
  supplier: addressSchema,
  supplierKind: supplierKindSchema,
  country: countrySchema,
  gpuModel: z.string(),
  gpus: z.array(z.number().int()),
  simulated: z.boolean(),
  ratePerHour: rateSchema,
  maxSeconds: z.number().int(),
  latestSeconds: z.number().int().optional().meta({
    description:
      "the longest that top-ups may make it, by its supplier's terms when it was quoted; absent: no limit was agreed",
  }),
  phase: leasePhaseSchema,
  reason: endReasonSchema.nullable(),
  deliveredSeconds: z.number().int(),
  billedSeconds: z.number().int().meta({
    description:
      "what is paid for: the delivered seconds, at least the network's minimum once the lease has served",
  }),
  interruptible: z.boolean().meta({ description: "hired at the lower price: may be reclaimed with notice" }),
  reclaimAt: timeSchema.nullable().meta({ description: "when its supplier takes the node back" }),
});
export type Lease = z.infer<typeof leaseSchema>;

/** A lease as the supplier of its node sees it. */
export const supplierLeaseSchema = leaseSchema.pick({
  id: true,
  nodeId: true,
  gpuModel: true,
  gpus: true,
  simulated: true,
  ratePerHour: true,
  maxSeconds: true,
  phase: true,
  deliveredSeconds: true,
  billedSeconds: true,
  interruptible: true,
  reclaimAt: true,
});
export type SupplierLease = z.infer<typeof supplierLeaseSchema>;

/** A moment in a cluster's life, for the list of stages and times. */
export const clusterEventSchema = z.object({
  at: timeSchema,
  event: z.string(),
  detail: z.string().nullable(),
});
export type ClusterEvent = z.infer<typeof clusterEventSchema>;

export const clusterSchema = z.object({
  id: idSchema("cluster"),
  state: clusterStateSchema,
  reason: endReasonSchema.nullable(),
  currency: currencySchema.meta({ description: "what rates and payments are in" }),
  escrows: z.array(addressSchema).meta({ description: "in the order of the leases that they pay" }),
  leases: z.array(leaseSchema),
  jobsAddress: z.string().meta({ description: "for `ray job submit --address`" }),
  createdAt: timeSchema,
  readyAt: timeSchema.nullable(),
  events: z.array(clusterEventSchema),
});
export type Cluster = z.infer<typeof clusterSchema>;

export const settlementStateSchema = z.enum(["open", "settling", "settled"]);

/** What became of the money of one of a cluster's escrows. */
export const settledEscrowSchema = z.object({
  address: addressSchema,
  state: settlementStateSchema,
  deposited: amountSchema,
  fee: amountSchema,
  refunded: amountSchema,
  refundSignature: signatureSchema.nullable(),
});

/** What was paid for a cluster, as the settlement step knows it; the chain is the judge. Amounts are of all its escrows. */
export const settlementSchema = z.object({
  clusterId: idSchema("cluster"),
  currency: currencySchema,
  state: settlementStateSchema.meta({
    description: "settled when every escrow is; open while none has been paid for the last time",
  }),
  deposited: amountSchema,
  payouts: z.array(
    z.object({
      leaseId: idSchema("lease"),
      escrow: addressSchema,
      supplier: addressSchema,
      seconds: z.number().int(),
      paid: amountSchema,
      fee: amountSchema,
      signature: signatureSchema.nullable(),
    }),
  ),
  fee: amountSchema,
  refunded: amountSchema,
  escrows: z.array(settledEscrowSchema),
});
export type Settlement = z.infer<typeof settlementSchema>;
