import {
  type Call,
  type Endpoint,
  type EndpointName,
  type Endpoints,
  endpoints,
  invalidRequest,
  problem,
} from "@ionet/protocol";
import { z } from "zod";
import { parseJson, readProblem } from "./read-problem.ts";

/** The calls for people and programs; agents' calls are signed by a node's key and made by the agent only. */
export type ClientEndpoint = {
  [Name in EndpointName]: Endpoints[Name]["auth"] extends "node-key" | "node-session" ? never : Name;
}[EndpointName];

/** What a caller writes as the body: amounts are bigint, and what has a default may be left out. */
type Body<Name extends EndpointName> = Endpoints[Name]["body"] extends {
  _zod: { input: infer Input; output: infer Output };
}
  ? { [Key in RequiredKey<Input> & keyof Output]: Output[Key] } & {
      [Key in Exclude<keyof Output, RequiredKey<Input>>]?: Output[Key];
    }
  : never;
type RequiredKey<Input> = { [Key in keyof Input]-?: undefined extends Input[Key] ? never : Key }[keyof Input];
/** True for the schema of nothing. */
type IsEmpty<Given> = string extends keyof Given ? true : [keyof Given] extends [never] ? true : false;

export type CallInput<Name extends EndpointName> = (IsEmpty<Call<Name>["params"]> extends true
  ? { params?: never }
  : { params: Call<Name>["params"] }) &
  (IsEmpty<Call<Name>["query"]> extends true ? { query?: never } : { query?: Partial<Call<Name>["query"]> }) &
  ([Body<Name>] extends [never] ? { body?: never } : { body: Body<Name> }) & {
    /** Writes with the same key are done once. Made afresh for each call when it is left out. */
    idempotencyKey?: string;
    signal?: AbortSignal;
  };

type EndpointOutput<Name extends EndpointName> = Endpoints[Name]["response"] extends {
  _zod: { output: infer Result };
}
  ? Result
  : never;

type Method<Name extends EndpointName> =
  Record<never, never> extends CallInput<Name>
    ? (input?: CallInput<Name>) => Promise<EndpointOutput<Name>>
    : (input: CallInput<Name>) => Promise<EndpointOutput<Name>>;

/** One method an endpoint of the control plane, named as in the OpenAPI document. */
type Methods = { [Name in ClientEndpoint]: Method<Name> };
export type Ionet = Methods & {
  /** The control plane this client speaks to, without a trailing slash. */
  readonly url: string;
  /** The bearer token in use: a sign-in token or an API key. */
  readonly token: string | undefined;
  /** What makes its calls: that of the options, else the runtime's own. */
  readonly fetch: typeof fetch;
  /** The same client with another token. */
  withToken(token: string): Ionet;
};

export type IonetOptions = { url: string; token?: string; fetch?: typeof fetch; newKey?: () => string };

/**
 * A typed client of one control plane. Every refusal is thrown as a `Problem` with a stable code and what to do next;
 * an unreachable control plane is the problem `unavailable`.
 *
 * @example
 * const ionet = createIonet({ url: "http://127.0.0.1:8080" });
 * const { items } = await ionet.searchOffers({ query: { gpuModel: ["a100-40gb"] } });
 */
export function createIonet(options: IonetOptions): Ionet {
  const url = options.url.replace(/\/+$/, "");
  const sender: Sender = {
    url,
    token: options.token,
    fetch: options.fetch ?? globalThis.fetch,
    newKey: options.newKey ?? (() => crypto.randomUUID()),
  };
  const methods = Object.fromEntries(
    Object.entries(endpoints).map(([name, endpoint]) => [
      name,
      (input: WireInput = {}) => send(sender, endpoint, input),
    ]),
  );
  if (!hasEveryMethod(methods)) throw new Error("the table of endpoints has a hole");
  const withToken = (token: string) => createIonet({ ...options, token });
  return Object.assign(methods, { url, token: options.token, fetch: sender.fetch, withToken });
}

// The table gives each method its type; the loop over it can't be typed method by method.
const hasEveryMethod = (methods: object): methods is Methods =>
  Object.keys(endpoints).every((name) => name in methods);

type Sender = { url: string; token: string | undefined; fetch: typeof fetch; newKey: () => string };
type WireInput = {
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: Record<string, unknown>;
  idempotencyKey?: string;
  signal?: AbortSignal;
};
type ObjectSchema = Endpoint["query"];
const isObjectSchema = (schema: Endpoint["body"]): schema is ObjectSchema => schema instanceof z.ZodObject;

async function send(sender: Sender, endpoint: Endpoint, input: WireInput): Promise<unknown> {
  const target = new URL(sender.url + fillPath(endpoint, input.params ?? {}));
  for (const [key, value] of Object.entries(encodeGiven("query", endpoint.query, input.query ?? {}))) {
    if (value !== undefined) target.searchParams.set(key, String(value));
  }
  const headers = new Headers({ accept: "application/json" });
  if (sender.token) headers.set("authorization", `Bearer ${sender.token}`);
  if (endpoint.method === "POST") headers.set("idempotency-key", input.idempotencyKey ?? sender.newKey());
  const request: RequestInit = { method: endpoint.method, headers };
  if (input.signal) request.signal = input.signal;
  if (isObjectSchema(endpoint.body) && input.body) {
    headers.set("content-type", "application/json");
    request.body = JSON.stringify(encodeGiven("body", endpoint.body, input.body));
  }
  const unanswered = (error: unknown): never => {
    if (input.signal?.aborted) throw error;
    throw problem("unavailable", {
      detail: `no control plane answers at ${sender.url}`,
      field: "url",
      given: sender.url,
      allowed: "the address of a running control plane",
      next: "check the address (IONET_URL or --url), or start a network of your own with `ionet network up`",
    });
  };
  const answer = await sender.fetch(target, request).catch(unanswered);
  // It may end in the middle of its answer.
  const text = await answer.text().catch(unanswered);
  if (!answer.ok) throw readProblem(answer.status, text, target.pathname);
  return readAnswer(endpoint, text, target.pathname);
}

/** The answer, decoded. Throws `unavailable` for one that is not as this version of the SDK knows it. */
function readAnswer(endpoint: Endpoint, text: string, path: string): unknown {
  const read = z.safeDecode(endpoint.response, parseJson(text));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw problem("unavailable", {
    detail: `${path} answered what this SDK does not understand: ${issue?.path.map(String).join(".")}: ${issue?.message}`,
    field: "url",
    given: text.slice(0, 100),
    allowed: "a control plane of the SDK's own version",
    next: "check the address; where it is right, use the SDK of the control plane's version",
  });
}

const fillPath = (endpoint: Endpoint, params: Record<string, unknown>) =>
  endpoint.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name] ?? "")));

/**
 * Encodes what was given and leaves out what was not: the control plane fills in the defaults. Throws `invalid-request`
 * for what can't be written as the control plane reads it.
 */
function encodeGiven(
  where: "query" | "body",
  schema: ObjectSchema,
  given: Record<string, unknown>,
): Record<string, unknown> {
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const encoded = z.safeEncode(schema.partial(), present);
  if (!encoded.success) throw invalidRequest(where, schema, present, encoded.error);
  return encoded.data;
}
