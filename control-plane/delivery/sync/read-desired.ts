import { createHash } from "node:crypto";
import { type Desired, desiredSchema, type NodeId, SYNC_PROTOCOL } from "@ionet/protocol";
import { z } from "zod";
import type { Context } from "../../platform/context.ts";
import { desiredLeases } from "../clusters/desired-leases.ts";
import { nextSequence } from "../metering/observe-statements.ts";
import { newestReadings } from "../metering/sign-reading.ts";

/** All that is wanted of a node now. Its version is a hash of it: the same wishes have the same version on every replica. */
export async function readDesired(ctx: Context, nodeId: NodeId): Promise<Desired> {
  const wanted = await desiredLeases(ctx, nodeId);
  const next = await nextSequence(
    ctx,
    wanted.map(({ leaseId }) => leaseId),
  );
  const leases = wanted.map((lease) => ({ ...lease, statementsReceived: next.get(lease.leaseId) ?? 0 }));
  const desired = {
    protocol: SYNC_PROTOCOL,
    version: "",
    leases,
    readings: await newestReadings(ctx, nodeId),
  };
  return { ...desired, version: versionOf(desired) };
}

const versionOf = (desired: Desired): string =>
  createHash("sha256")
    .update(JSON.stringify(z.encode(desiredSchema, desired)))
    .digest("hex")
    .slice(0, 32);
