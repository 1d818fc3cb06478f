import { z } from "zod";

/**
 * Everything that can be refused: a stable code, the HTTP status, what it means. One table; the text of one case says
 * which field, what was given, what is allowed and what to do next.
 */
export const problemCodes = {
  "invalid-request": { status: 400, title: "The request can't be read" },
  "body-too-large": { status: 413, title: "The request is too large" },
  "not-found": { status: 404, title: "There is no such thing here" },
  "method-not-allowed": { status: 405, title: "This address does not take this method" },
  "request-timeout": { status: 408, title: "The request did not arrive in time" },
  "media-type-unsupported": { status: 415, title: "The body is of a type that is not read here" },
  "expectation-failed": { status: 417, title: "What the Expect header asks for can't be met" },
  "headers-too-large": { status: 431, title: "The request's address and headers are too large" },
  unauthenticated: { status: 401, title: "Sign in first" },
  forbidden: { status: 403, title: "This is not yours to do" },
  "rate-limited": { status: 429, title: "Too many requests" },
  "idempotency-key-reused": { status: 409, title: "This Idempotency-Key was used for another request" },
  internal: { status: 500, title: "Our fault" },
  unavailable: { status: 503, title: "Not available just now" },
  "sign-in-expired": { status: 401, title: "The sign-in message has expired" },
  "sign-in-signature-invalid": {
    status: 401,
    title: "The signature does not belong to this wallet and message",
  },
  "enrolment-token-invalid": { status: 401, title: "The enrolment token is unknown, used up or expired" },
  "node-key-taken": { status: 409, title: "This node key is enrolled already" },
  "node-already-connected": { status: 409, title: "Another agent is connected with this node's key" },
  "node-unknown": { status: 401, title: "No node is enrolled with this key" },
  "session-unknown": { status: 401, title: "The agent's session is unknown or has ended" },
  "request-signature-invalid": { status: 401, title: "The request's signature is wrong" },
  "node-clock-off": { status: 401, title: "The node's clock is wrong" },
  "request-replayed": { status: 401, title: "This request was received before" },
  "protocol-version-unsupported": {
    status: 426,
    title: "The agent speaks a protocol this control plane does not",
  },
  "query-unreadable": { status: 400, title: "The query can't be read" },
  "gpu-model-unknown": { status: 400, title: "The market does not know which GPU model is meant" },
  "country-unknown": { status: 400, title: "No such country is known" },
  "supply-insufficient": { status: 409, title: "There are not enough GPUs for this demand" },
  "currency-not-offered": { status: 400, title: "This network does not take this currency" },
  "price-unavailable": { status: 503, title: "There is no price of SOL that can be trusted just now" },
  "quote-expired": { status: 409, title: "The quote has expired" },
  "quote-taken": { status: 409, title: "A GPU of this quote was taken by somebody else" },
  "wallet-holds-paused": { status: 429, title: "Too many holds of this wallet came to nothing" },
  "too-many-waiting": { status: 429, title: "This account has enough waiting requests" },
  "request-ended": { status: 409, title: "The request does not wait any more" },
  "wallet-cannot-pay": { status: 402, title: "The wallet does not show an hour's price" },
  "escrows-incomplete": { status: 409, title: "Some of the cluster's escrows are funded and some are not" },
  "chain-unavailable": { status: 503, title: "The Solana RPC endpoint can't be reached" },
  "wrong-network": {
    status: 409,
    title: "The wallet and the control plane are on different Solana networks",
  },
  "reading-unusable": { status: 400, title: "The reading can't be used here" },
  "wallet-lacks-lamports": { status: 402, title: "The wallet can't pay the transaction's fee" },
  "account-unavailable": { status: 409, title: "The account can't take the money" },
  "top-up-beyond-terms": { status: 409, title: "A supplier does not offer that long a lease" },
  "rate-expired": { status: 409, title: "The rate holds no longer than that" },
  "too-early": { status: 409, title: "It is too early for this" },
  "lease-not-reclaimable": { status: 409, title: "This lease can't be reclaimed" },
  "cluster-not-running": { status: 409, title: "The cluster is not running" },
  "cluster-unreachable": { status: 502, title: "The cluster's head can't be reached just now" },
  "ray-failed": { status: 502, title: "Ray could not do it" },
  "gateway-bearer-required": { status: 401, title: "The gateway takes a bearer token only" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problemCodes;

/** Where in a text something is wrong: the query of a search. Counted in UTF-16 units. */
const positionSchema = z.object({
  offset: z.number().int().min(0).meta({ description: "units before it" }),
  length: z.number().int().min(0).meta({ description: "0: something is missing there" }),
});
export type Position = z.infer<typeof positionSchema>;

/** Problem details (RFC 9457) with our code and what to do next. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string(),
  field: z.string().optional(),
  given: z.string().optional(),
  allowed: z.string().optional(),
  next: z.string(),
  position: positionSchema.optional(),
  closest: z.array(z.string()).optional().meta({ description: "what may have been meant, best first" }),
});
export type ProblemDetails = z.infer<typeof problemSchema>;

/** One refusal. `next` says what the caller can do about it. */
export type ProblemInput = {
  detail: string;
  next: string;
  field?: string;
  given?: string;
  allowed?: string;
  /** Where in the text that was given. */
  position?: Position;
  /** What may have been meant, best first. */
  closest?: readonly string[];
};

/** Thrown anywhere in the product for a refusal that the caller can understand; the HTTP server turns it into problem details. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  readonly input: ProblemInput;

  constructor(code: ProblemCode, input: ProblemInput) {
    super(`${code}: ${input.detail}`);
    this.code = code;
    this.input = input;
  }

  /** As it stands in an HTTP answer. */
  details(): ProblemDetails {
    const { status, title } = problemCodes[this.code];
    const { closest, ...input } = this.input;
    const more = closest === undefined ? {} : { closest: [...closest] };
    return { type: `urn:ionet:problem:${this.code}`, title, status, code: this.code, ...input, ...more };
  }
}

/** `throw problem("quote-expired", { detail, next })` */
export const problem = (code: ProblemCode, input: ProblemInput): Problem => new Problem(code, input);
