import type { ServerResponse } from "node:http";
import {
  ANONYMOUS_PER_MINUTE,
  type Endpoint,
  type EndpointName,
  endpoints,
  invalidRequest,
  problem,
  type Scope,
  scopeSchema,
} from "@ionet/protocol";
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  LogController,
} from "fastify";
import { z } from "zod";
import type { Context } from "../context.ts";
import { answerError, answerErrors, BODY_LIMIT_BYTES } from "./answer-errors.ts";
import { refuseEarly, refuseUnread } from "./early-refusals.ts";
import { lastEventId, sendEvents, wantsEventStream } from "./event-stream.ts";
import type { Caller, Exchange, Handlers, NodeCaller } from "./handlers.ts";
import { idempotently } from "./idempotency.ts";
import { limitArrival } from "./limit-arrival.ts";
import type { Metrics } from "./metrics.ts";
import { parseJson } from "./parse-json.ts";
import { createRateLimit } from "./rate-limit.ts";
import { serveDocument } from "./serve-document.ts";

/** A request of an agent as it was signed. `path` has no query. */
export type SignedRequest = { method: string; path: string; headers: Headers; body: Uint8Array };

/** Checks the signature of an agent's request, or throws a Problem. */
export type VerifyNode = (request: SignedRequest, auth: "node-key" | "node-session") => Promise<NodeCaller>;

/** All that the server is made of. Endpoints without a handler are not there (404). */
export type ServerParts = {
  ctx: Pick<Context, "db" | "clock" | "random">;
  log: FastifyBaseLogger;
  handlers: Partial<Handlers>;
  /** Who holds this sign-in token or API key; null when nobody does. */
  authenticate: (token: string) => Promise<Caller | null>;
  verifyNode: VerifyNode;
  metrics: Metrics;
  /** Calls a minute from one address without signing in; reads have a bucket of their own. */
  anonymousPerMinute?: { writes: number; reads: number };
  /** The longest that a request may take to arrive, in ms. */
  arrivalMs?: number;
};

type Route = {
  name: EndpointName;
  endpoint: Endpoint;
  handle: (
    call: { params: unknown; query: unknown; body: unknown },
    caller: unknown,
    exchange: Exchange,
  ) => Promise<unknown>;
};

/** The longest that a request's headers may take to arrive. All of it: see limit-arrival.ts. */
const HEADERS_MS = 20_000;

/** Makes the HTTP server out of the table of endpoints; `listen` is the caller's. */
export function createServer(parts: ServerParts): FastifyInstance {
  const server = fastify({
    loggerInstance: parts.log,
    // Requests are logged once, when they are answered (measure).
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: answerError,
    clientErrorHandler: refuseUnread,
    bodyLimit: BODY_LIMIT_BYTES,
    genReqId: () => Buffer.from(parts.ctx.random.bytes(8)).toString("hex"),
    keepAliveTimeout: 72_000,
    http: { headersTimeout: HEADERS_MS, requireHostHeader: false },
    // Node knows one limit for all requests; an upload for a cluster may take as long as its bytes come.
    requestTimeout: 0,
    forceCloseConnections: "idle",
    routerOptions: { ignoreTrailingSlash: true },
  });
  // Bodies are kept as bytes: an agent's signature covers them, and JSON is read after who calls is known.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );
  answerErrors(server);
  refuseEarly(server);
  limitArrival(server, parts.arrivalMs);
  serveDocument(server);
  measure(server, parts.metrics);

  const ending = new AbortController();
  server.addHook("preClose", async () => ending.abort());
  // An answer given while the server ends takes its connection along: nothing would close it before it times out.
  server.addHook("onSend", async (_request, reply) => {
    if (ending.signal.aborted) reply.header("connection", "close");
  });
  const perMinute = parts.anonymousPerMinute ?? ANONYMOUS_PER_MINUTE;
  const limitWrites = createRateLimit(parts.ctx.clock, perMinute.writes);
  const limitReads = createRateLimit(parts.ctx.clock, perMinute.reads);

  const callers = new WeakMap<FastifyRequest, Caller>();
  for (const route of routesOf(parts.handlers)) {
    server.route({
      method: route.endpoint.method,
      url: route.endpoint.path.replace(/\{(\w+)\}/g, ":$1"),
      // Before the body is read: strangers can't make the server wait for one. An agent's signature covers its body.
      onRequest: async (request) => {
        const { auth, method } = route.endpoint;
        if (auth === "nobody") (method === "GET" ? limitReads : limitWrites)(request.ip);
        if (isScope(auth)) {
          callers.set(request, await signedIn(parts.authenticate, request.headers.authorization, auth));
        }
      },
      handler: async (request, reply) => {
        const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const caller = callers.get(request) ?? (await nodeCaller(parts, route.endpoint, request, raw));
        const call = { request, raw, caller, signal: signalOf(reply.raw, ending.signal) };
        if (route.endpoint.eventStream && wantsEventStream(request.headers.accept)) {
          const query = Object(request.query);
          const after = lastEventId(request.headers["last-event-id"], query.after);
          const read = (last: string) =>
            answerCall(parts, route, call, { ...query, after: last, waitSeconds: "15" });
          return sendEvents(reply, call.signal, { after, read });
        }
        const answer = await answerCall(parts, route, call);
        return reply
          .status(route.endpoint.status)
          .type("application/json; charset=utf-8")
          .send(JSON.stringify(answer));
      },
    });
  }
  server.get("/metrics", async (_request, reply) =>
    reply.type(parts.metrics.contentType).send(await parts.metrics.text()),
  );
  return server;
}

/** The table of endpoints beside the handlers. Each handler was checked against its own endpoint's types (Handlers). */
function routesOf(handlers: Partial<Handlers>): Route[] {
  return (Object.keys(endpoints) as EndpointName[]).flatMap((name) => {
    const handle = handlers[name] as Route["handle"] | undefined;
    return handle === undefined ? [] : [{ name, endpoint: endpoints[name], handle }];
  });
}

/** A call whose body is there and whose caller is known; null: anybody. */
type ReceivedCall = {
  request: FastifyRequest;
  raw: Buffer;
  caller: Caller | NodeCaller | null;
  signal: AbortSignal;
};

async function answerCall(
  parts: ServerParts,
  route: Route,
  { request, raw, caller, signal }: ReceivedCall,
  asked: unknown = request.query,
): Promise<unknown> {
  const { endpoint } = route;
  const params = decode("path", endpoint.params, request.params);
  const query = decode("query", endpoint.query, asked);
  const body = endpoint.body === null ? undefined : decode("body", endpoint.body, parseJson(raw));
  const run = async () =>
    z.encode(
      endpoint.response,
      await route.handle({ params, query, body }, caller, { signal, requestId: request.id }),
    );

  const key = request.headers["idempotency-key"];
  if (endpoint.method === "GET" || typeof key !== "string" || !(caller !== null && "accountId" in caller))
    return run();
  const call = { accountId: caller.accountId, key, endpoint: route.name, status: endpoint.status };
  return idempotently(parts.ctx, { ...call, request: `${request.url}\n${raw.toString("utf8")}` }, run);
}

/** Whether a call needs a signed-in wallet or its API key; the scope is what it asks for. */
const isScope = (auth: Endpoint["auth"]): auth is Extract<Endpoint["auth"], Scope> =>
  scopeSchema.safeParse(auth).success;

/** The node that signed a request; null for a call that anybody may make. */
async function nodeCaller(
  { verifyNode }: ServerParts,
  { auth }: Endpoint,
  request: FastifyRequest,
  body: Uint8Array,
): Promise<NodeCaller | null> {
  if (auth !== "node-key" && auth !== "node-session") return null;
  const [path = ""] = request.url.split("?");
  return verifyNode({ method: request.method, path, headers: webHeaders(request), body }, auth);
}

/** The account behind an Authorization header, with the scope that the call asks for. */
async function signedIn(authenticate: ServerParts["authenticate"], header: string | undefined, scope: Scope) {
  const [, token] = /^Bearer +([\x21-\x7e]+)$/i.exec(header ?? "") ?? [];
  const caller = token === undefined ? null : await authenticate(token);
  if (caller === null) {
    throw problem("unauthenticated", {
      detail:
        token === undefined
          ? "the call has no bearer token"
          : "the bearer token is unknown, revoked or expired",
      field: "Authorization",
      allowed: "Bearer with a sign-in token or an API key",
      next: "Sign in with your wallet (`ionet login`) or use an API key.",
    });
  }
  if (!caller.scopes.includes(scope)) {
    throw problem("forbidden", {
      detail: "the API key does not have the scope that this call needs",
      given: caller.scopes.join(", "),
      allowed: scope,
      next: `Use an API key with the scope ${scope}, or sign in with the wallet.`,
    });
  }
  return caller;
}

function decode(where: "path" | "query" | "body", schema: z.ZodType, given: unknown): unknown {
  const result = z.safeDecode(schema, given);
  if (!result.success) throw invalidRequest(where, schema, given, result.error);
  return result.data;
}

/** A request's headers as the web has them. */
export function webHeaders(request: FastifyRequest): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    for (const one of Array.isArray(value) ? value : [value ?? ""]) headers.append(name, one);
  }
  return headers;
}

function signalOf(response: ServerResponse, ending: AbortSignal): AbortSignal {
  const hungUp = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) hungUp.abort();
  });
  return AbortSignal.any([hungUp.signal, ending]);
}

function measure(server: FastifyInstance, metrics: Metrics): void {
  server.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "none";
    metrics.answered(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
    const line = {
      method: request.method,
      route,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    };
    if (route === endpoints.sync.path && reply.statusCode < 400) request.log.debug(line, "answered");
    else request.log.info(line, "answered");
  });
}
