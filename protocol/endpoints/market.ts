import { z } from "zod";
import { compareQuerySchema, comparisonSchema } from "../compare.ts";
import { earningsQuerySchema, earningsSchema } from "../earnings.ts";
import { idSchema } from "../ids.ts";
import { listingsQuerySchema, listingsSchema } from "../listings.ts";
import {
  askedDemandSchema,
  bookRequestSchema,
  cloudPriceSchema,
  offerSchema,
  quoteSchema,
  reservationSchema,
} from "../market.ts";
import { searchSummary } from "../query/answer.ts";
import { LONGEST_QUERY } from "../query/parse.ts";
import { querySchema } from "../query/query.ts";
import {
  newRequestSchema,
  requestEventsQuerySchema,
  requestEventsSchema,
  requestSchema,
} from "../requests.ts";
import { textSchema } from "../wire.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { page, pageOf } from "./page.ts";

const requestParams = z.strictObject({ requestId: idSchema("request") });

/** Calls that find, quote, book and wait for GPUs. */
export const market = {
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
} as const satisfies Record<string, Endpoint>;
