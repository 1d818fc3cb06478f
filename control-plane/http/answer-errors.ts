import { Problem, type ProblemDetails, problem } from "@ionet/protocol";
import type { FastifyInstance, FastifyReply } from "fastify";

/** The largest body that is read, in bytes. */
export const BODY_LIMIT_BYTES = 1024 * 1024;

/** Sends problem details (RFC 9457). */
export function sendProblem(reply: FastifyReply, details: ProblemDetails): FastifyReply {
  if (details.status === 401) reply.header("www-authenticate", 'Bearer realm="ionet"');
  return reply
    .status(details.status)
    .header("content-type", "application/problem+json; charset=utf-8")
    .send(JSON.stringify(details));
}

/** What the HTTP layer itself refuses, in our codes. */
function fromFastify(code: string, message: string): Problem | null {
  switch (code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return problem("body-too-large", {
        detail: "the body is larger than what this call can need",
        allowed: `at most ${BODY_LIMIT_BYTES} bytes`,
        next: "Send less. Files of a job go to the cluster's own address, not here.",
      });
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return problem("invalid-request", {
        detail: message,
        field: "content-type",
        allowed: "application/json",
        next: "Send the body as JSON with the header Content-Type: application/json.",
      });
    case "FST_ERR_CTP_INVALID_JSON_BODY":
    case "FST_ERR_CTP_EMPTY_JSON_BODY":
      return problem("invalid-request", {
        detail: `the body is no JSON: ${message}`,
        field: "body",
        allowed: "one JSON object",
        next: "Send a JSON object as docs/openapi.json describes it.",
      });
    default:
      return null;
  }
}

/** Every error of the server becomes problem details; what we did not foresee is logged in full and told in one line. */
export function answerErrors(server: FastifyInstance): void {
  server.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      problem("not-found", {
        detail: `there is nothing at ${request.method} ${request.url.split("?")[0]}`,
        next: "Look at the calls in docs/openapi.json; all of them begin with /v1/.",
      }).details(),
    ),
  );
  server.setErrorHandler<Error & { code?: string; statusCode?: number }>((error, request, reply) => {
    if (error instanceof Problem) return sendProblem(reply, error.details());
    const known = fromFastify(error.code ?? "", error.message);
    if (known !== null) return sendProblem(reply, known.details());
    if (error.statusCode !== undefined && error.statusCode < 500) {
      const details = problem("invalid-request", {
        detail: error.message,
        next: "Look at docs/openapi.json for what this call takes.",
      }).details();
      return sendProblem(reply, { ...details, status: error.statusCode });
    }
    request.log.error({ err: error }, "a request failed");
    return sendProblem(
      reply,
      problem("internal", {
        detail: "something went wrong on our side; nothing is known to be wrong with the request",
        next: `Try again. If it stays, report it with the request id ${request.id}.`,
      }).details(),
    );
  });
}
