import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { endReasonSchema, idSchema } from "@ionet/protocol";
import { z } from "zod";

const FILE = "lease.json";

/** What is written down of a lease, for the agent that starts after this one. No secret is in it. */
const recordSchema = z.object({
  leaseId: idSchema("lease"),
  clusterId: idSchema("cluster"),
  role: z.enum(["head", "worker"]),
  gpus: z.array(z.number().int()),
  end: z.object({ reason: endReasonSchema, detail: z.string().nullable() }).nullable(),
});
export type LeaseNote = z.infer<typeof recordSchema>;

/** Renamed into place: a kill leaves the old record or the new one. */
export function writeLeaseRecord(folder: string, record: LeaseNote): void {
  const path = join(folder, FILE);
  writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** The record in a lease's folder; undefined when it was never whole. */
export function readLeaseRecord(folder: string): LeaseNote | undefined {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(join(folder, FILE), "utf8")));
  } catch {
    return undefined;
  }
}
