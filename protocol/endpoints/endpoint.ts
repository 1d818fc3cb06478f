import { z } from "zod";

/** Who may call: anybody; a signed-in wallet or an API key with the scope; a node by its key; a node by its session. */
type Auth = "nobody" | "rent" | "supply" | "node-key" | "node-session";

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

/** No parameters. */
export const none = z.strictObject({});

/** One row of a table of calls. */
export function endpoint<
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
