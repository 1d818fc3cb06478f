import type { Context } from "../context.ts";
import { nextNodeState } from "./model.ts";
import { settleState } from "./observe-node.ts";
import { nodesInStates } from "./store.ts";

/** Moves nodes that fell silent to unreachable. What agents say moves the others at once (observeNode). */
export async function reconcileNodes(ctx: Context): Promise<void> {
  const nowMs = ctx.clock.now();
  for (const node of await nodesInStates(ctx, ["verifying", "available", "hired"])) {
    if (nextNodeState(node, nowMs) === node.state) continue;
    await settleState(ctx.db, node, nowMs);
    ctx.log.info(
      { node: node.id, from: node.state, lastSeenAtMs: node.lastSeenAtMs },
      "a node changed its state",
    );
  }
}
