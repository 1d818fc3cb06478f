import type { NodeId } from "@ionet/protocol";
import type { Context } from "../../platform/context.ts";
import { singleFlight } from "../../platform/single-flight.ts";
import { isOfferable, type NodeRecord } from "../nodes/model.ts";
import { changedNodes, EVERYTHING, type Horizon, type NodeChange } from "../nodes/store.ts";
import { nodeNumbersOf } from "./hold-gpus.ts";
import { NodeOffers } from "./node-offers.ts";
import { NodesOnOffer } from "./nodes-on-offer.ts";
import { changedDeliveries, type Delivery } from "./reliability.ts";

/** Nodes read at a time. */
const PART = 500;

/**
 * The nodes on offer, followed: `refresh` reads what has changed since, nodes and their histories. A cache over the rows:
 * losing it loses a reload. Nodes are read when something of theirs changed, not when they were only heard of.
 */
export function followNodes(ctx: Pick<Context, "db">): { nodes: NodesOnOffer; refresh(): Promise<void> } {
  const history = new Map<NodeId, Delivery>();
  const nodes = new NodesOnOffer();
  let horizon: Horizon = EVERYTHING;

  async function readChanges(): Promise<void> {
    let after = "";
    let next: Horizon | null = null;
    for (;;) {
      const read = await changedNodes(ctx, horizon, { after, limit: PART });
      // What the first part did not see is asked for again the next time.
      next ??= read.next;
      if (next.timesGone !== horizon.timesGone) {
        history.clear();
        nodes.clear();
        horizon = { ...EVERYTHING, timesGone: next.timesGone };
        return readChanges();
      }
      await take(read.changes);
      const last = read.changes[PART - 1];
      if (last === undefined) break;
      after = last.node.id;
    }
    for (const [nodeId, delivery] of await changedDeliveries(ctx.db, horizon.xmin)) {
      history.set(nodeId, delivery);
      nodes.get(nodeId)?.setHistory(delivery);
    }
    horizon = next;
  }

  async function take(changes: readonly NodeChange[]): Promise<void> {
    const unseen = changes.filter(({ node, changed }) => nodes.get(node.id)?.changed !== changed);
    const offered = unseen.filter(({ node }) => isOffered(node));
    const nodeNumbers = await nodeNumbersOf(
      ctx.db,
      offered.map(({ node }) => node.id),
    );
    for (const { node } of unseen) nodes.remove(node.id);
    for (const change of offered) {
      const { id } = change.node;
      const nodeNumber = nodeNumbers.get(id);
      if (nodeNumber !== undefined) nodes.add(new NodeOffers(change, nodeNumber, history.get(id)));
    }
  }

  return { nodes, refresh: singleFlight(readChanges) };
}

const isOffered = (node: NodeRecord): boolean =>
  (node.state === "available" || node.state === "hired") && isOfferable(node);
