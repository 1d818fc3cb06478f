import type { Context } from "../context.ts";
import type { Handlers } from "../http/handlers.ts";
import { enrolNode } from "./enrol-node.ts";
import { createEnrolmentToken } from "./enrolment-tokens.ts";
import { listNodes } from "./list-nodes.ts";

export const nodeRoutes = (ctx: Context): Handlers<"createEnrolmentToken" | "enrolNode" | "listNodes"> => ({
  createEnrolmentToken: ({ body }, caller) => createEnrolmentToken(ctx, caller, body),
  enrolNode: ({ body }) => enrolNode(ctx, body),
  listNodes: ({ query }, caller) => listNodes(ctx, caller, query),
});
