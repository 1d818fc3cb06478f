import type { Context } from "../../platform/context.ts";
import { nextNodeState, REACHABLE_MS } from "./model.ts";
import { settleState } from "./observe-node.ts";
import { silentNodes } from "./store.ts";

/** Nodes moved in one run; the rest is the next one's. */
const AT_ONCE = 1000;

/** Moves nodes that fell silent to unreachable. What agents say moves the others at once (observeNode). */
export async function reconcileNodes(ctx: Context): Promise<void> {
  const nowMs = ctx.clock.now();
  const silent = await silentNodes(ctx, ["verifying", "available", "hired"], nowMs - REACHABLE_MS, AT_ONCE);
  for (const node of silent) {
    if (nextNodeState(node, nowMs) === node.state) continue;
    await settleState(ctx.db, node, nowMs);
    ctx.log.info(
      { node: node.id, from: node.state, lastSeenAtMs: node.lastSeenAtMs },
      "a node changed its state",
    );
  }
}
