import { z } from "zod";
import { clusterSchema, settlementSchema, supplierLeaseSchema } from "../clusters.ts";
import { idSchema } from "../ids.ts";
import { desiredSchema, observationSchema, openSessionRequestSchema, sessionSchema } from "../sync.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { page, pageOf } from "./page.ts";

const clusterParams = z.strictObject({ clusterId: idSchema("cluster") });

/** Calls of what was hired: clusters and their money, leases, and what agents say. */
export const delivery = {
  listClusters: endpoint("GET", "/v1/clusters", "rent", "My clusters, newest first", {
    query: z.strictObject(page),
    response: pageOf(clusterSchema),
  }),
  getCluster: endpoint("GET", "/v1/clusters/{clusterId}", "rent", "A cluster, its leases and its stages", {
    params: clusterParams,
    response: clusterSchema,
  }),
  stopCluster: endpoint(
    "POST",
    "/v1/clusters/{clusterId}/stop",
    "rent",
    "Stop: nothing is billed after this",
    {
      params: clusterParams,
      response: clusterSchema,
    },
  ),
  getSettlement: endpoint(
    "GET",
    "/v1/clusters/{clusterId}/settlement",
    "rent",
    "Who was paid what, and the refund",
    {
      params: clusterParams,
      response: settlementSchema,
    },
  ),
  listLeases: endpoint("GET", "/v1/leases", "supply", "The leases on my nodes that have not ended", {
    query: z.strictObject(page),
    response: pageOf(supplierLeaseSchema),
  }),
  reclaimLease: endpoint(
    "POST",
    "/v1/leases/{leaseId}/reclaim",
    "supply",
    "Take a node back from an interruptible lease, with 120 s notice",
    { params: z.strictObject({ leaseId: idSchema("lease") }), response: supplierLeaseSchema },
  ),
  openSession: endpoint("POST", "/v1/sync/sessions", "node-key", "An agent opens a session", {
    body: openSessionRequestSchema,
    response: sessionSchema,
    status: 201,
  }),
  sync: endpoint(
    "POST",
    "/v1/sync",
    "node-session",
    "What an agent sees, for what is wanted of it (long poll)",
    {
      body: observationSchema,
      response: desiredSchema,
    },
  ),
} as const satisfies Record<string, Endpoint>;
