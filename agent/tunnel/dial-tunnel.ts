import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";
import type { LeaseId } from "@ionet/protocol";
import type { SignatureHeaders } from "@ionet/protocol/node";

const LIMIT_MS = 10_000;

/** Where a head's tunnel is dialled. */
export const tunnelPath = (leaseId: LeaseId): string => `/v1/tunnel/${leaseId}`;

/** Dials the gateway and turns the connection into a tunnel's socket (HTTP/1.1 Upgrade). Rejects when it is refused. */
export function dialTunnel(options: {
  url: string;
  path: string;
  headers: SignatureHeaders;
  signal: AbortSignal;
}): Promise<Duplex> {
  const url = new URL(options.path, options.url);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  // Not AbortSignal.timeout(): it would still hang on the socket when that has long become a tunnel.
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new Error("the gateway did not answer in 10 s")), LIMIT_MS);
  return new Promise<Duplex>((resolve, reject) => {
    const dial = send(url, {
      agent: false,
      headers: { ...options.headers, connection: "Upgrade", upgrade: "ionet-tunnel" },
      signal: AbortSignal.any([options.signal, limit.signal]),
    });
    dial.once("error", reject);
    dial.once("response", (answer: IncomingMessage) => {
      answer.resume();
      reject(new Error(`the gateway refused the tunnel with status ${answer.statusCode}`));
    });
    dial.once("upgrade", (_answer, socket: Duplex, head: Buffer) => {
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    dial.end();
  }).finally(() => clearTimeout(timer));
}
