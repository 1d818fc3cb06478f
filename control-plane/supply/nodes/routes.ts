import type { Context } from "../../platform/context.ts";
import type { Handlers } from "../../platform/http/handlers.ts";
import { changeTerms, getNode, withdrawNode } from "./change-terms.ts";
import { enrolNode } from "./enrol-node.ts";
import { createEnrolmentToken } from "./enrolment-tokens.ts";
import { listNodes } from "./list-nodes.ts";

type NodeCalls =
  | "createEnrolmentToken"
  | "enrolNode"
  | "listNodes"
  | "getNode"
  | "changeTerms"
  | "withdrawNode";

export const nodeRoutes = (ctx: Context): Handlers<NodeCalls> => ({
  createEnrolmentToken: ({ body }, caller) => createEnrolmentToken(ctx, caller, body),
  enrolNode: ({ body }) => enrolNode(ctx, body),
  listNodes: ({ query }, caller) => listNodes(ctx, caller, query),
  getNode: ({ params }, caller) => getNode(ctx, caller, params.nodeId),
  changeTerms: ({ params, body }, caller) => changeTerms(ctx, caller, params.nodeId, body),
  withdrawNode: ({ params }, caller) => withdrawNode(ctx, caller, params.nodeId),
});
