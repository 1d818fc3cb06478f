import { type Desired, type NodeId, type Observation, SYNC_HOLD_SECONDS } from "@ionet/protocol";
import type { Context } from "../../platform/context.ts";
import { observeNode } from "../../supply/nodes/observe-node.ts";
import { observeLeases } from "../clusters/observe-leases.ts";
import { observeStatements } from "../metering/observe-statements.ts";
import type { Holds } from "./hold.ts";
import { readDesired } from "./read-desired.ts";

/**
 * Takes what a node sees and answers what is wanted of it. What is new is written at once; the answer is held back while
 * the node has the newest wishes already, for at most SYNC_HOLD_SECONDS, until `signal` aborts, or until the
 * node calls anew.
 */
export async function syncNode(
  ctx: Context,
  holds: Holds,
  nodeId: NodeId,
  observation: Observation,
  signal: AbortSignal,
): Promise<Desired> {
  await observeNode(ctx, nodeId, observation);
  // Statements first: a lease that is seen as ended has all its words in.
  await observeStatements(ctx, nodeId, observation.leases);
  await observeLeases(ctx, nodeId, observation.leases);

  const turn = holds.take(nodeId);
  const letGo = AbortSignal.any([signal, turn.signal]);
  const endMs = ctx.clock.now() + SYNC_HOLD_SECONDS * 1000;
  try {
    for (;;) {
      const armed = holds.arm(nodeId, letGo);
      try {
        const desired = await readDesired(ctx, nodeId);
        const leftMs = endMs - ctx.clock.now();
        if (desired.version !== observation.desiredVersion || leftMs <= 0 || letGo.aborted) return desired;
        await armed.wait(leftMs);
      } finally {
        armed.disarm();
      }
    }
  } finally {
    turn.release();
  }
}
