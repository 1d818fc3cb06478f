import { Problem, type ProblemDetails, problem } from "@ionet/protocol";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

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
      return problem("media-type-unsupported", {
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

/** The refusal behind an error, with the status it had; null when it is a mistake of ours. */
function refusalOf(error: FastifyError): ProblemDetails | null {
  if (error instanceof Problem) return error.details();
  const known = fromFastify(error.code, error.message);
  if (known !== null) return known.details();
  if (error.statusCode === undefined || error.statusCode >= 500) return null;
  const next = "Look at docs/openapi.json for what this call takes.";
  return {
    ...problem("invalid-request", { detail: error.message, next }).details(),
    status: error.statusCode,
  };
}

/** Answers an error; what we did not foresee is logged in full and told in one line. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const refusal = refusalOf(error);
  if (refusal !== null) return sendProblem(reply, refusal);
  request.log.error({ err: error }, "a request failed");
  const detail = "something went wrong on our side; nothing is known to be wrong with the request";
  const next = `Try again. If it stays, report it with the request id ${request.id}.`;
  return sendProblem(reply, problem("internal", { detail, next }).details());
}

/** Every error of the server becomes problem details. */
export function answerErrors(server: FastifyInstance): void {
  server.setErrorHandler(answerError);
}
