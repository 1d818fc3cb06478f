import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { type Duplex, pipeline, Transform } from "node:stream";
import { Problem, problem } from "@ionet/protocol";
import { headersForClient, headersForRay } from "./proxy-headers.ts";

/** The largest upload; Ray's dashboard refuses larger packages itself. */
export const UPLOAD_LIMIT_BYTES = 100 * 1024 * 1024;

/** Where a request goes: a connection to Ray that is its own, the path there, and the cluster's token. */
export type Destination = { connection: Duplex; rayUrl: string; rayToken: string };

/** Passes one request to Ray and its answer back, both as they come. Settles when the answer is out or cut. */
export function forward(from: IncomingMessage, to: ServerResponse, destination: Destination): Promise<void> {
  return new Promise((resolve) => {
    const outgoing = httpRequest({
      createConnection: () => destination.connection,
      method: from.method ?? "GET",
      path: destination.rayUrl,
      headers: headersForRay(from.headers, destination.rayToken),
    });
    const fail = (error: Error) => {
      outgoing.destroy();
      destination.connection.destroy();
      if (to.headersSent) to.destroy();
      else if (error instanceof Problem) writeProblem(to, error);
      else if (error instanceof TooLarge) writeProblem(to, tooLarge());
      else writeProblem(to, cut(error));
      resolve();
    };
    outgoing.once("error", fail);
    outgoing.once("response", (answer) => {
      if (isRedirect(answer)) {
        fail(redirected());
        return;
      }
      to.writeHead(answer.statusCode ?? 502, headersForClient(answer.headers));
      // An answer that comes in pieces (a log) is seen from its first piece on.
      to.flushHeaders();
      pipeline(answer, to, () => {
        destination.connection.destroy();
        resolve();
      });
    });
    to.once("close", () => {
      if (!to.writableFinished) fail(new Error("the client went away"));
    });
    if (Number(from.headers["content-length"] ?? 0) > UPLOAD_LIMIT_BYTES) {
      fail(new TooLarge());
      return;
    }
    pipeline(from, countTo(UPLOAD_LIMIT_BYTES), outgoing, (error) => {
      if (error instanceof TooLarge) fail(error);
    });
  });
}

/**
 * Ray redirects nobody here. A head that does would have its engineer's client call an address of the head's choice, and
 * clients take their bearer token along.
 */
export const isRedirect = ({ statusCode = 502 }: IncomingMessage): boolean =>
  statusCode >= 300 && statusCode < 400;

export const redirected = (): Problem =>
  problem("cluster-unreachable", {
    detail: "the cluster's head answered with a redirect, which Ray does not",
    next: "Do not trust this head with more: stop the cluster with `ionet stop` and rent another.",
  });

class TooLarge extends Error {}

/** Lets so many bytes through and fails at the next. */
function countTo(limit: number): Transform {
  let count = 0;
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      count += chunk.length;
      if (count > limit) done(new TooLarge());
      else done(null, chunk);
    },
  });
}

/** Answers with problem details outside of the HTTP framework's own way. */
export function writeProblem(to: ServerResponse, refusal: ReturnType<typeof problem>): void {
  const details = refusal.details();
  to.writeHead(details.status, {
    "content-type": "application/problem+json; charset=utf-8",
    connection: "close",
  });
  to.end(JSON.stringify(details));
}

const tooLarge = () =>
  problem("body-too-large", {
    detail: "the upload is larger than what Ray's dashboard takes",
    allowed: `at most ${UPLOAD_LIMIT_BYTES} bytes`,
    next: "Leave large files out of the working directory (`.gitignore`, `excludes`) and fetch them in the job.",
  });

const cut = (error: Error) =>
  problem("cluster-unreachable", {
    detail: `the connection to the cluster's head broke: ${error.message}`,
    next: "Try again; if it stays, look at the head's lease with `ionet clusters show`.",
  });
