import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { type Duplex, pipeline } from "node:stream";
import { Problem, problem } from "@ionet/protocol";
import { headersForClient, headersForRay } from "./proxy-headers.ts";
import { countTo, UPLOAD_LIMIT_BYTES, uploadTooLarge, whileItComes } from "./upload-limits.ts";

/** Where a request goes: a connection to Ray that is its own, the path there, and the cluster's token. */
export type Destination = {
  connection: Duplex;
  rayUrl: string;
  rayToken: string;
  /** The body as JSON, where it was read already. */
  body?: Buffer;
  /** An upload is given up when nothing came for so long. */
  idleMs: number;
};

/** Passes one request to Ray and its answer back, both as they come. Settles when the answer is out or cut. */
export function forward(from: IncomingMessage, to: ServerResponse, destination: Destination): Promise<void> {
  const { body } = destination;
  return new Promise((resolve) => {
    const headers = headersForRay(from.headers, destination.rayToken);
    const json = { "content-type": "application/json", "content-length": body?.length };
    const outgoing = httpRequest({
      createConnection: () => destination.connection,
      method: from.method ?? "GET",
      path: destination.rayUrl,
      headers: body === undefined ? headers : { ...headers, ...json },
    });
    const fail = (error: Error) => {
      outgoing.destroy();
      destination.connection.destroy();
      if (to.headersSent) to.destroy();
      else writeProblem(to, error instanceof Problem ? error : cut(error));
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
    if (body !== undefined) {
      outgoing.end(body);
      return;
    }
    if (Number(from.headers["content-length"] ?? 0) > UPLOAD_LIMIT_BYTES) {
      fail(uploadTooLarge());
      return;
    }
    const arriving = whileItComes(destination.idleMs);
    pipeline(from, countTo(UPLOAD_LIMIT_BYTES), arriving, (error) => {
      if (error instanceof Problem) fail(error);
    });
    arriving.pipe(outgoing);
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

/** Answers with problem details outside of the HTTP framework's own way. */
function writeProblem(to: ServerResponse, refusal: Problem): void {
  const details = refusal.details();
  to.writeHead(details.status, {
    "content-type": "application/problem+json; charset=utf-8",
    connection: "close",
  });
  to.end(JSON.stringify(details));
}

const cut = (error: Error) =>
  problem("cluster-unreachable", {
    detail: `the connection to the cluster's head broke: ${error.message}`,
    next: "Try again; if it stays, look at the head's lease with `ionet clusters show`.",
  });
