import { z } from "zod";
import {
  accountSchema,
  apiKeyRequestSchema,
  apiKeySchema,
  challengeRequestSchema,
  challengeSchema,
  enrolmentTokenRequestSchema,
  enrolmentTokenSchema,
  newApiKeySchema,
  signInRequestSchema,
  signInSchema,
} from "./accounts.ts";
import { clusterSchema, settlementSchema, supplierLeaseSchema } from "./clusters.ts";
import { compareQuerySchema, comparisonSchema } from "./compare.ts";
import { earningsQuerySchema, earningsSchema } from "./earnings.ts";
import { idSchema } from "./ids.ts";
import { listingsQuerySchema, listingsSchema } from "./listings.ts";
import {
  askedDemandSchema,
  bookRequestSchema,
  cloudPriceSchema,
  offerSchema,
  quoteSchema,
  reservationSchema,
} from "./market.ts";
import { networkSchema } from "./network.ts";
import { enrolledNodeSchema, enrolNodeRequestSchema, nodeSchema } from "./nodes.ts";
import { searchSummary } from "./query/answer.ts";
import { LONGEST_QUERY } from "./query/parse.ts";
import { querySchema } from "./query/query.ts";
import {
  newRequestSchema,
  requestEventsQuerySchema,
  requestEventsSchema,
  requestSchema,
} from "./requests.ts";
import { desiredSchema, observationSchema, openSessionRequestSchema, sessionSchema } from "./sync.ts";
import { termsChangeSchema } from "./terms.ts";
import { textSchema } from "./wire.ts";

/** Who may call: anybody; a signed-in wallet or an API key with the scope; a node by its key; a node by its session. */
export type Auth = "nobody" | "rent" | "supply" | "node-key" | "node-session";

export type Endpoint = {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  auth: Auth;
  summary: string;
  params: z.ZodObject;
  query: z.ZodObject;
  body: z.ZodType | null;
  response: z.ZodType;
  status: number;
  /** With `Accept: text/event-stream` its items come one after the other, from Last-Event-ID on. */
  eventStream: boolean;
};

/**
 * Calls a minute that one address may make without signing in, each kind from a bucket of its own: those that change
 * something, and those that read. What is beyond is refused as `rate-limited`.
 */
export const ANONYMOUS_PER_MINUTE = { writes: 300, reads: 1200 } as const;

const none = z.strictObject({});

function endpoint<
  Response extends z.ZodType,
  Body extends z.ZodType | null = null,
  Params extends z.ZodObject = typeof none,
  Query extends z.ZodObject = typeof none,
>(
  method: Endpoint["method"],
  path: string,
  auth: Auth,
  summary: string,
  shape: {
    response: Response;
    body?: Body;
    params?: Params;
    query?: Query;
    status?: number;
    eventStream?: boolean;
  },
) {
  return {
    method,
    path,
    auth,
    summary,
    response: shape.response,
    body: (shape.body ?? null) as Body,
    params: (shape.params ?? none) as Params,
    query: (shape.query ?? none) as Query,
    status: shape.status ?? 200,
    eventStream: shape.eventStream ?? false,
  };
}

/**
 * The longest cursor, in characters. That of a search is the longest that is given out: it holds an order, a place, two
 * numbers, and of an offer its node and its model's name of 60 characters, which may have three bytes each, in base64.
 */
export const LONGEST_CURSOR = 400;

const page = {
  cursor: textSchema(LONGEST_CURSOR).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
};
const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });
const nodeParams = z.strictObject({ nodeId: idSchema("node") });
const requestParams = z.strictObject({ requestId: idSchema("request") });
const clusterParams = z.strictObject({ clusterId: idSchema("cluster") });

/** Every call of the control plane: the server's routes, the SDK's methods and the OpenAPI document are made from this table. */
export const endpoints = {
  getNetwork: endpoint("GET", "/v1/network", "nobody", "What to know before paying", {
    response: networkSchema,
  }),

  createChallenge: endpoint("POST", "/v1/sign-in/challenge", "nobody", "Get a Sign-In With Solana message", {
    body: challengeRequestSchema,
    response: challengeSchema,
  }),
  signIn: endpoint("POST", "/v1/sign-in", "nobody", "Sign in with the signed message", {
    body: signInRequestSchema,
    response: signInSchema,
  }),
  getAccount: endpoint("GET", "/v1/account", "rent", "Who am I", { response: accountSchema }),
  createApiKey: endpoint("POST", "/v1/api-keys", "rent", "Make an API key with scopes", {
    body: apiKeyRequestSchema,
    response: newApiKeySchema,
    status: 201,
  }),
  listApiKeys: endpoint("GET", "/v1/api-keys", "rent", "My API keys", {
    query: z.strictObject(page),
    response: pageOf(apiKeySchema),
  }),
  revokeApiKey: endpoint("DELETE", "/v1/api-keys/{apiKeyId}", "rent", "Revoke an API key at once", {
    params: z.strictObject({ apiKeyId: idSchema("apiKey") }),
    response: none,
  }),

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

  searchOffers: endpoint(
    "GET",
    "/v1/offers",
    "nobody",
    "What can be hired now: typed parameters, or text in q",
    {
      query: z.strictObject({
        ...page,
        q: textSchema(LONGEST_QUERY)
          .optional()
          .meta({
            description:
              "conditions in words, which mean the typed parameters beside it; also in the words of other markets' searches, where these can be said exactly",
            examples: ["gpu=A100 vram>=40 count=8 region=eu price<=1.0 reliability>=0.99 verified"],
          }),
        ...querySchema.shape,
      }),
      response: pageOf(offerSchema).extend(searchSummary),
    },
  ),
  listCloudPrices: endpoint(
    "GET",
    "/v1/cloud-prices",
    "nobody",
    "What clouds ask, each with its date and source",
    {
      query: z.strictObject({ gpuModel: textSchema(60).optional() }),
      response: z.object({ items: z.array(cloudPriceSchema) }),
    },
  ),
  compare: endpoint("GET", "/v1/compare", "nobody", "What the network can assemble, beside what others ask", {
    query: compareQuerySchema,
    response: comparisonSchema,
  }),
  listListings: endpoint(
    "GET",
    "/v1/listings",
    "nobody",
    "What this network and others list, cheapest first",
    {
      query: listingsQuerySchema,
      response: listingsSchema,
    },
  ),
  earnings: endpoint("GET", "/v1/earnings", "nobody", "A card's day renting beside its day mining", {
    query: earningsQuerySchema,
    response: earningsSchema,
  }),
  createQuote: endpoint("POST", "/v1/quotes", "rent", "Ask for the cheapest offers that meet a demand", {
    body: askedDemandSchema,
    response: quoteSchema,
    status: 201,
  }),
  book: endpoint("POST", "/v1/reservations", "rent", "Take a quote: hold all its GPUs or none", {
    body: bookRequestSchema,
    response: reservationSchema,
    status: 201,
  }),
  getReservation: endpoint("GET", "/v1/reservations/{reservationId}", "rent", "A reservation", {
    params: z.strictObject({ reservationId: idSchema("reservation") }),
    response: reservationSchema,
  }),

  createRequest: endpoint(
    "POST",
    "/v1/requests",
    "rent",
    "Wait for supply: the demand is booked as soon as it can be met",
    { body: newRequestSchema, response: requestSchema, status: 201 },
  ),
  listRequests: endpoint("GET", "/v1/requests", "rent", "My requests, newest first", {
    query: z.strictObject(page),
    response: pageOf(requestSchema),
  }),
  getRequest: endpoint("GET", "/v1/requests/{requestId}", "rent", "A request, its place and why it waits", {
    params: requestParams,
    response: requestSchema,
  }),
  listRequestEvents: endpoint(
    "GET",
    "/v1/requests/{requestId}/events",
    "rent",
    "What became of a request, as a list, a long poll, or an event stream",
    {
      params: requestParams,
      query: requestEventsQuerySchema,
      response: requestEventsSchema,
      eventStream: true,
    },
  ),
  cancelRequest: endpoint("DELETE", "/v1/requests/{requestId}", "rent", "Wait no longer; a hold is let go", {
    params: requestParams,
    response: requestSchema,
  }),

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

export type Endpoints = typeof endpoints;
export type EndpointName = keyof Endpoints;

type Decoded<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;
type Given<Schema> = Schema extends z.ZodType ? z.input<Schema> : undefined;

/** What a handler receives, decoded: amounts are bigint, defaults are filled in. */
export type Call<Name extends EndpointName> = {
  params: Decoded<Endpoints[Name]["params"]>;
  query: Decoded<Endpoints[Name]["query"]>;
  body: Decoded<Endpoints[Name]["body"]>;
};
/** What a handler answers and a client gets, decoded. */
export type Answer<Name extends EndpointName> = z.output<Endpoints[Name]["response"]>;
/** What travels as the body, as JSON. */
export type WireBody<Name extends EndpointName> = Given<Endpoints[Name]["body"]>;
