import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { endpoints, type Problem, problem } from "@ionet/protocol";
import type { FastifyInstance } from "fastify";

/*
 * What is refused before a call is known: addresses and methods that are not there, and requests that Node itself
 * can't or won't read. All of it gets problem details, as every other refusal does.
 */

const calls = Object.values(endpoints).map(({ path, method }) => ({
  pattern: new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+")}/?$`),
  // Fastify answers HEAD wherever GET is answered.
  methods: method === "GET" ? ["GET", "HEAD"] : [method],
}));

/** The methods that a path takes; none where there is nothing at all. */
function methodsAt(path: string): string[] {
  const methods = calls.filter(({ pattern }) => pattern.test(path)).flatMap((call) => call.methods);
  return methods.length === 0 ? [] : [...methods, "OPTIONS"];
}

/** Refuses what leads nowhere before its body is read, and answers OPTIONS with what a path takes. */
export function refuseEarly(server: FastifyInstance): void {
  server.addHook("onRequest", async (request, reply) => {
    if (request.raw.httpVersion === "1.1" && request.headers.host === undefined) throw withoutHost();
    if (!request.is404) return;
    const [path = ""] = request.url.split("?");
    const methods = methodsAt(path);
    if (methods.length === 0 || (request.method !== "OPTIONS" && methods.includes(request.method)))
      throw notFound(request.method, path);
    reply.header("allow", methods.join(", "));
    if (request.method === "OPTIONS") return reply.status(204).send();
    throw problem("method-not-allowed", {
      detail: `${path} is there, and does not take ${request.method}`,
      given: request.method,
      allowed: methods.join(", "),
      next: "Use one of these methods; /openapi.json describes each.",
    });
  });
  server.server.on("checkExpectation", (request, response) => {
    const refusal = problem("expectation-failed", {
      detail: "only 100-continue can be expected here",
      field: "expect",
      given: String(request.headers.expect).slice(0, 100),
      allowed: "100-continue, or no Expect header",
      next: "Send the request again without this header.",
    });
    const details = refusal.details();
    const body = JSON.stringify(details);
    const headers = { "content-type": TYPE, "content-length": Buffer.byteLength(body), connection: "close" };
    response.writeHead(details.status, headers).end(body);
  });
}

const TYPE = "application/problem+json; charset=utf-8";

/** Answers a request that Node could not read: there is no request object, only a socket. */
export function refuseUnread(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(unreadAnswer(error.code));
}

/** The whole answer, head and body, to a request that was never read whole, by Node's code of what went wrong. */
export function unreadAnswer(code: string | undefined): string {
  const details = unread(code).details();
  const body = JSON.stringify(details);
  const head = [
    `HTTP/1.1 ${details.status} ${STATUS_CODES[details.status]}`,
    `content-type: ${TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

function unread(code: string | undefined): Problem {
  if (code === "HPE_HEADER_OVERFLOW") {
    return problem("headers-too-large", {
      detail: "the address and the headers together are larger than what is read",
      allowed: "at most 16 KiB",
      next: "Send a shorter query and fewer headers.",
    });
  }
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return problem("request-timeout", {
      detail: "the request did not arrive in time",
      next: "Send it again, all at once.",
    });
  }
  return problem("invalid-request", {
    detail: `what came is no HTTP request (${code ?? "unknown"})`,
    allowed: "HTTP/1.1",
    next: "Look at what your client sends, and send it again.",
  });
}

const withoutHost = () =>
  problem("invalid-request", {
    detail: "the request has no Host header",
    field: "host",
    allowed: "the host that is called, as HTTP/1.1 asks for",
    next: "Send the request again with this header.",
  });

const notFound = (method: string, path: string) =>
  problem("not-found", {
    detail: `there is nothing at ${method} ${path}`,
    next: "Look at the calls in /openapi.json or at /docs; all of them begin with /v1/.",
  });
