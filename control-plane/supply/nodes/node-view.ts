import type { NodeView } from "@ionet/protocol";
import type { NodeRecord } from "./model.ts";

/** A node as its supplier sees it. */
export const toView = (node: NodeRecord): NodeView => ({
  id: node.id,
  supplier: node.wallet,
  supplierKind: node.supplierKind,
  state: node.state,
  hardware: node.hardware,
  terms: node.terms,
  readiness: node.readiness,
  lastSeenAt: node.lastSeenAtMs === null ? null : new Date(node.lastSeenAtMs).toISOString(),
});
