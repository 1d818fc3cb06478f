import type { NodeId, Observation } from "@ionet/protocol";
import type { Context, Db } from "../../platform/context.ts";
import { type NodeRecord, nextNodeState } from "./model.ts";
import { findNode, moveNode, writeObservation } from "./store.ts";

/** Writes what a node's agent sees and moves the node to the state that follows, at once: a new node is found in search when its first word is in. */
export async function observeNode(ctx: Context, nodeId: NodeId, observation: Observation): Promise<void> {
  const nowMs = ctx.clock.now();
  await ctx.db.transaction().execute(async (db) => {
    await writeObservation(db, nodeId, observation, nowMs);
    const node = await findNode({ db }, nodeId);
    if (node !== undefined) await settleState(db, node, nowMs);
  });
}

/** Takes allowed steps until the node is in the state that follows from what is known. Returns whether it moved. */
export async function settleState(db: Db, node: NodeRecord, nowMs: number): Promise<boolean> {
  let state = node.state;
  for (
    let next = nextNodeState(node, nowMs);
    next !== state;
    next = nextNodeState({ ...node, state }, nowMs)
  ) {
    if (!(await moveNode(db, node.id, state, next))) return true;
    state = next;
  }
  return state !== node.state;
}
