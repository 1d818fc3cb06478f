import { z } from "zod";
import { endReasonSchema, leasePhaseSchema } from "./clusters.ts";
import { idSchema } from "./ids.ts";
import { hardwareSchema, readinessSchema } from "./nodes.ts";
import { statementSchema } from "./statement.ts";
import { termsSchema } from "./terms.ts";
import { addressSchema, base64Schema, bytesSchema, reportedTextSchema, textSchema } from "./wire.ts";

/** Version of what agents speak. The control plane answers `protocol-version-unsupported` to others. */
export const SYNC_PROTOCOL = 1;
/** A sync answer is held back at most this long when nothing changes. */
export const SYNC_HOLD_SECONDS = 10;
/** Where an agent measures its link: GET for down, POST for up, signed as of a request without a body. */
export const LINK_PATH = "/v1/sync/link";
/** The most that one measurement carries each way. */
export const LINK_TEST_BYTES = 8 * 1024 * 1024;

/** The handshake, signed by the node's Ed25519 key (RFC 9421), opens a session. */
export const openSessionRequestSchema = z.strictObject({
  protocol: z.number().int(),
  nodeId: idSchema("node"),
  instance: textSchema(64, 8).meta({
    description: "random, new at each start of the agent: tells a restart from a second agent",
  }),
  clientKey: bytesSchema(32).meta({ description: "ephemeral X25519 public key" }),
});
/** The session's MAC key is HKDF-SHA256 of the X25519 secret: it never travels. */
export const sessionSchema = z.object({
  sessionId: idSchema("session"),
  serverKey: base64Schema,
  expiresInSeconds: z.number().int(),
});

/** What a node sees of one of its leases. */
export const observedLeaseSchema = z.object({
  leaseId: idSchema("lease"),
  phase: leasePhaseSchema.exclude(["assigned"]),
  reason: endReasonSchema.nullable(),
  detail: reportedTextSchema(500).nullable().meta({ description: "in plain words, for the engineer's eyes" }),
  statements: z
    .array(statementSchema)
    .max(400)
    .meta({ description: "those the control plane has not acknowledged" }),
});
export type ObservedLease = z.infer<typeof observedLeaseSchema>;

export const observationSchema = z.strictObject({
  protocol: z.number().int(),
  agentVersion: textSchema(40),
  hardware: hardwareSchema,
  terms: termsSchema.nullable(),
  readiness: readinessSchema,
  leases: z.array(observedLeaseSchema).max(50),
  desiredVersion: textSchema(64)
    .nullable()
    .meta({ description: "version of the desired state the agent holds; the answer waits until it differs" }),
});
export type Observation = z.infer<typeof observationSchema>;

/** A lease the node is to hold. A lease that is not in the desired state any more is to be ended. */
export const desiredLeaseSchema = z.object({
  leaseId: idSchema("lease"),
  clusterId: idSchema("cluster"),
  role: z.enum(["head", "worker"]),
  wanted: z.enum(["run", "stop"]),
  stopReason: endReasonSchema.nullable(),
  gpus: z.array(z.number().int()),
  headAddress: z.string(),
  peers: z.array(z.object({ leaseId: idSchema("lease"), address: z.string() })),
  rayToken: z.string().meta({ description: "secret of this cluster" }),
  maxSeconds: z.number().int(),
  statementsReceived: z.number().int().meta({ description: "the next sequence the control plane waits for" }),
});
export type DesiredLease = z.infer<typeof desiredLeaseSchema>;

/** A meter's signed word that the supplier can collect with, by itself. */
export const signedReadingSchema = z.object({
  clusterId: idSchema("cluster"),
  escrow: addressSchema,
  meter: addressSchema,
  reading: base64Schema,
  signature: base64Schema,
});
export type SignedReading = z.infer<typeof signedReadingSchema>;

export const desiredSchema = z.object({
  protocol: z.number().int(),
  version: z.string(),
  leases: z.array(desiredLeaseSchema),
  readings: z.array(signedReadingSchema),
});
export type Desired = z.infer<typeof desiredSchema>;
