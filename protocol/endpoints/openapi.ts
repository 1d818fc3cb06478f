import { z } from "zod";
import { problemCodes, problemSchema } from "../problems.ts";
import { ANONYMOUS_PER_MINUTE, type Endpoint } from "./endpoint.ts";
import { endpoints } from "./endpoints.ts";

type Json = Record<string, unknown>;

/** A schema as JSON: what is sent is described as input, what is answered as output, both as they look on the wire. */
function wireSchema(schema: z.ZodType, forAnswer: boolean): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    // Codecs decode on the way in and encode on the way out: on the wire both are the codec's input side.
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      // Answers may gain fields later; only requests are strict.
      if (forAnswer && zodSchema._zod.def.type === "object") delete jsonSchema.additionalProperties;
    },
  });
  return json;
}

function parametersOf(endpoint: Endpoint): Json[] {
  const places = [
    ["path", endpoint.params],
    ["query", endpoint.query],
  ] as const;
  return places.flatMap(([place, schema]) => {
    const json = wireSchema(schema, false);
    const required = new Set(Array.isArray(json.required) ? json.required : []);
    return Object.entries(Object(json.properties)).map(([name, one]) => ({
      name,
      in: place,
      required: place === "path" || required.has(name),
      schema: one,
    }));
  });
}

const security: Record<Endpoint["auth"], Json[]> = {
  nobody: [],
  rent: [{ bearer: ["rent"] }],
  supply: [{ bearer: ["supply"] }],
  "node-key": [{ nodeSignature: [] }],
  "node-session": [{ nodeSignature: [] }],
};

const idempotencyKey = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  schema: { type: "string", pattern: "^[\\x21-\\x7e]{1,200}$" },
  description: "the same key with the same request gets the same answer, for a day",
};

/** How a call may be refused by what the server is, whatever the call does; all others come as `default`. */
function refusals({ auth, body }: Endpoint): Json {
  const statuses = [
    ...["400", "431"],
    ...(auth === "nobody" ? ["429"] : ["401"]),
    ...(auth === "rent" || auth === "supply" ? ["403"] : []),
    ...(body === null ? [] : ["413", "415"]),
    "default",
  ];
  return Object.fromEntries(statuses.map((status) => [status, { $ref: "#/components/responses/problem" }]));
}

function operation(name: string, endpoint: Endpoint): Json {
  const isWrite = endpoint.method !== "GET" && (endpoint.auth === "rent" || endpoint.auth === "supply");
  const body =
    endpoint.body === null ? null : { "application/json": { schema: wireSchema(endpoint.body, false) } };
  return {
    operationId: name,
    summary: endpoint.summary,
    security: security[endpoint.auth],
    parameters: [...parametersOf(endpoint), ...(isWrite ? [idempotencyKey] : [])],
    ...(body === null ? {} : { requestBody: { required: true, content: body } }),
    responses: {
      [endpoint.status]: {
        description: endpoint.summary,
        content: {
          "application/json": { schema: wireSchema(endpoint.response, true) },
          ...(endpoint.eventStream ? { "text/event-stream": { schema: { type: "string" } } } : {}),
        },
      },
      ...refusals(endpoint),
    },
  };
}

const { reads, writes } = ANONYMOUS_PER_MINUTE;
const limits = `Calls that need no sign-in are limited by address: ${reads} reads and ${writes} writes a minute, refilled evenly; what is beyond is answered with 429 \`rate-limited\`, which says how long to wait.`;

const codes = Object.entries(problemCodes)
  .map(([code, { status, title }]) => `- \`${code}\` (${status}): ${title}`)
  .join("\n");

/** The OpenAPI document of every call: what docs/openapi.json and the control plane's /openapi.json hold. */
export function openApiDocument(): Json {
  const paths: Record<string, Json> = {};
  for (const [name, endpoint] of Object.entries(endpoints)) {
    const methods = paths[endpoint.path] ?? {};
    methods[endpoint.method.toLowerCase()] = operation(name, endpoint);
    paths[endpoint.path] = methods;
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "ionet",
      version: "1",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      description: `Amounts are strings of digits in a token's smallest unit; prices are micro-USD per GPU-hour. ${limits} Errors are problem details (RFC 9457) with one of these codes:\n\n${codes}`,
    },
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "a sign-in token or an API key with the scope",
        },
        nodeSignature: {
          type: "apiKey",
          in: "header",
          name: "Signature",
          description:
            "HTTP Message Signatures (RFC 9421): the node's Ed25519 key opens a session, then its MAC",
        },
      },
      responses: {
        problem: {
          description: "a refusal, with what to do next",
          content: { "application/problem+json": { schema: wireSchema(problemSchema, true) } },
        },
      },
    },
  };
}
