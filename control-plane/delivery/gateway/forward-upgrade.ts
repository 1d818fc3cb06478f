import { request as httpRequest, type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Problem } from "@ionet/protocol";
import { type Destination, isRedirect, redirected } from "./forward.ts";
import { headersForRay } from "./proxy-headers.ts";

/** Passes a WebSocket on to Ray: the handshake first, then bytes both ways until either side ends. */
export function forwardUpgrade(
  from: IncomingMessage,
  client: Duplex,
  head: Buffer,
  { connection, rayUrl, rayToken }: Destination,
): void {
  const outgoing = httpRequest({
    createConnection: () => connection,
    method: "GET",
    path: rayUrl,
    headers: { ...headersForRay(from.headers, rayToken), connection: "Upgrade", upgrade: "websocket" },
  });
  const end = () => {
    outgoing.destroy();
    connection.destroy();
    client.destroy();
  };
  client.once("error", end);
  client.once("close", end);
  outgoing.once("error", end);
  outgoing.once("upgrade", (answer, ray, rayHead) => {
    ray.once("error", end);
    ray.once("close", end);
    client.write(statusLine(101) + headerLines(answer.rawHeaders));
    if (rayHead.length > 0) client.write(rayHead);
    if (head.length > 0) ray.write(head);
    ray.pipe(client);
    client.pipe(ray);
  });
  outgoing.once("response", (answer) => {
    if (isRedirect(answer)) {
      refuseUpgrade(client, redirected());
      return;
    }
    client.write(`${statusLine(answer.statusCode ?? 502)}connection: close\r\n\r\n`);
    answer.pipe(client);
  });
  outgoing.end();
}

/** Refuses an upgrade with problem details, in plain HTTP. */
export function refuseUpgrade(client: Duplex, refusal: Problem): void {
  const details = refusal.details();
  const body = JSON.stringify(details);
  client.once("error", () => client.destroy());
  client.end(
    `${statusLine(details.status)}content-type: application/problem+json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

const statusLine = (status: number) => `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Unknown"}\r\n`;

function headerLines(rawHeaders: readonly string[]): string {
  let lines = "";
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) lines += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`;
  return `${lines}\r\n`;
}
