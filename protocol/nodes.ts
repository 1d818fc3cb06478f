import { z } from "zod";
import { idSchema } from "./ids.ts";
import { termsSchema } from "./terms.ts";
import {
  addressSchema,
  bytesSchema,
  reportedTextSchema,
  supplierKindSchema,
  textSchema,
  timeSchema,
} from "./wire.ts";

/** One GPU of a node. `simulated` GPUs exist in name only, and everybody who sees them is told so. */
export const gpuSchema = z.object({
  index: z.number().int().min(0).max(63),
  uuid: textSchema(100, 1),
  model: textSchema(60, 1).meta({ description: "canonical id, like a100-40gb" }),
  name: textSchema(100, 1),
  vramMib: z.number().int().positive(),
  driverVersion: textSchema(40).optional(),
  simulated: z.boolean(),
});
export type Gpu = z.infer<typeof gpuSchema>;

/** The GPUs of one node. Leases hold them by index, so an index that stands for two can never be booked. */
const gpusSchema = z
  .array(gpuSchema)
  .max(64)
  .check(({ value, issues }) => {
    for (const key of ["index", "uuid"] as const) {
      const seen = new Set<Gpu[typeof key]>();
      for (const [place, gpu] of value.entries()) {
        const message = `expected another ${key} for each GPU of a node`;
        if (seen.has(gpu[key])) {
          issues.push({ code: "custom", input: gpu[key], path: [place, key], message });
        }
        seen.add(gpu[key]);
      }
    }
  });

/** How the GPUs of a node reach each other. */
export const interconnectSchema = z.enum(["nvlink", "pcie"]);

const mbpsSchema = z.number().min(0).max(10_000_000);
/** How fast a node and its control plane reach each other, as the agent measured it. Mb/s. */
export const linkSchema = z.object({
  upMbps: mbpsSchema,
  downMbps: mbpsSchema,
  measuredAt: timeSchema,
  loopback: z.boolean().meta({ description: "measured within one machine: it says nothing of a network" }),
});
export type Link = z.infer<typeof linkSchema>;

export const hardwareSchema = z.object({
  gpus: gpusSchema,
  gpuProblem: reportedTextSchema(500)
    .optional()
    .meta({ description: "why GPUs could not be read, in plain words" }),
  cpus: z.number().int().positive(),
  memoryMib: z.number().int().positive(),
  diskFreeMib: z.number().int().min(0),
  // Agents of before did not say these.
  driverVersion: textSchema(40).optional(),
  cudaVersion: textSchema(40).optional().meta({ description: "the newest CUDA that the driver can run" }),
  interconnect: interconnectSchema.optional(),
  link: linkSchema.optional(),
});
export type Hardware = z.infer<typeof hardwareSchema>;

/** What a machine is able to run, and how well a supplier is protected there. */
export const readinessSchema = z.object({
  environment: z.enum(["preparing", "ready", "failed"]),
  reason: reportedTextSchema(500).optional(),
  rayVersion: textSchema(40).optional(),
  pythonVersion: textSchema(40).optional(),
  sandbox: z.enum(["bubblewrap", "none"]),
  confinement: z.enum(["namespace", "loopback"]),
  leaving: z.boolean().optional().meta({ description: "the agent is told to end: nothing new is to come" }),
  address: textSchema(60).meta({
    description: "where the node's workload is reached by the other nodes of its clusters",
  }),
});
export type Readiness = z.infer<typeof readinessSchema>;

/** States of a node and the changes allowed between them stand in the control plane's nodes/model.ts. */
export const nodeStateSchema = z.enum([
  "enrolled",
  "verifying",
  "available",
  "hired",
  "unreachable",
  "draining",
  "retired",
]);
export type NodeState = z.infer<typeof nodeStateSchema>;

export const nodeSchema = z.object({
  id: idSchema("node"),
  supplier: addressSchema,
  supplierKind: supplierKindSchema,
  state: nodeStateSchema,
  hardware: hardwareSchema.nullable(),
  terms: termsSchema.nullable(),
  readiness: readinessSchema.nullable(),
  lastSeenAt: timeSchema.nullable(),
});
export type NodeView = z.infer<typeof nodeSchema>;

/** The text a new node signs with its own key to enrol: proof that it holds the key, bound to the token. */
export const enrolmentProof = (token: string, publicKeyBase64: string) =>
  new TextEncoder().encode(`ionet:enrol:v1\n${token}\n${publicKeyBase64}`);

export const enrolNodeRequestSchema = z.strictObject({
  token: textSchema(200),
  publicKey: bytesSchema(32).meta({ description: "the node's Ed25519 public key" }),
  proof: bytesSchema(64).meta({ description: "signature over enrolmentProof(token, publicKey)" }),
});
export const enrolledNodeSchema = z.object({
  nodeId: idSchema("node"),
  supplier: addressSchema,
  supplierKind: supplierKindSchema,
});
