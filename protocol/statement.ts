import { z } from "zod";
import { idSchema } from "./ids.ts";
import { MAX_LEASES_OF_CLUSTER } from "./market.ts";
import { bytesSchema } from "./wire.ts";

/*
 * A statement is a node's signed word, one per 10 s: this lease, these GPUs, alive. Statements of a lease form a hash
 * chain: each carries the hash of the one before, so none can be changed, dropped or put in later.
 */

/** Seconds between two statements of a lease. */
export const STATEMENT_INTERVAL_SECONDS = 10;
/** Two statements further apart than this have a hole between them that nobody pays for. */
export const STATEMENT_GAP_LIMIT_SECONDS = 15;
/** A node's clock may be off the network's by this much, either way; with more its statements could not be held against anything. */
export const CLOCK_SKEW_LIMIT_SECONDS = 10;

/** What the signed and hashed bytes begin with, so that they are taken for nothing else. */
export const STATEMENT_DOMAIN = "ionet:statement:v1";

export const statementSchema = z.object({
  leaseId: idSchema("lease"),
  sequence: z.number().int().min(0),
  atMs: z.number().int().positive().meta({ description: "the node's clock, Unix milliseconds" }),
  gpus: z.array(z.number().int().min(0).max(255)).max(64),
  peersAlive: z
    .array(idSchema("lease"))
    .max(MAX_LEASES_OF_CLUSTER)
    .nullable()
    .meta({ description: "the head's word: leases whose Ray nodes it sees alive; null from workers" }),
  previous: z.string().regex(/^[0-9a-f]{64}$/),
  signature: bytesSchema(64),
});
export type Statement = z.infer<typeof statementSchema>;
export type UnsignedStatement = Omit<Statement, "signature">;

/** The bytes a node signs. Lines of text: every field is free of line breaks by its schema. */
export function encodeStatement(statement: UnsignedStatement): Uint8Array {
  return new TextEncoder().encode(
    [
      STATEMENT_DOMAIN,
      statement.leaseId,
      statement.sequence,
      statement.atMs,
      statement.gpus.join(","),
      statement.peersAlive === null ? "-" : statement.peersAlive.join(","),
      statement.previous,
    ].join("\n"),
  );
}
