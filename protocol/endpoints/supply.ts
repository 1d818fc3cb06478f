import { z } from "zod";
import { enrolmentTokenRequestSchema, enrolmentTokenSchema } from "../accounts.ts";
import { idSchema } from "../ids.ts";
import { enrolledNodeSchema, enrolNodeRequestSchema, nodeSchema } from "../nodes.ts";
import { termsChangeSchema } from "../terms.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { page, pageOf } from "./page.ts";

const nodeParams = z.strictObject({ nodeId: idSchema("node") });

/** Calls of suppliers: their nodes and terms. */
export const supply = {
  createEnrolmentToken: endpoint(
    "POST",
    "/v1/enrolment-tokens",
    "supply",
    "Make a token that enrols nodes to my wallet",
    {
      body: enrolmentTokenRequestSchema,
      response: enrolmentTokenSchema,
      status: 201,
    },
  ),
  enrolNode: endpoint("POST", "/v1/nodes", "nobody", "Enrol a node with a token and proof of its key", {
    body: enrolNodeRequestSchema,
    response: enrolledNodeSchema,
    status: 201,
  }),
  listNodes: endpoint("GET", "/v1/nodes", "supply", "My nodes", {
    query: z.strictObject(page),
    response: pageOf(nodeSchema),
  }),
  getNode: endpoint("GET", "/v1/nodes/{nodeId}", "supply", "One of my nodes", {
    params: nodeParams,
    response: nodeSchema,
  }),
  changeTerms: endpoint(
    "PATCH",
    "/v1/nodes/{nodeId}/terms",
    "supply",
    "Change some terms of my node, at once; what is booked keeps its own",
    { params: nodeParams, body: termsChangeSchema, response: nodeSchema },
  ),
  withdrawNode: endpoint(
    "DELETE",
    "/v1/nodes/{nodeId}/terms",
    "supply",
    "Take my node off the market; what is booked stays",
    { params: nodeParams, response: nodeSchema },
  ),
} as const satisfies Record<string, Endpoint>;
