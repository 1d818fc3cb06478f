import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { Problem } from "@ionet/protocol";
import type { RayRefused } from "./job-log.ts";

/** Refuses an upgrade in plain HTTP: with problem details, or in Ray's own words. */
export function refuseUpgrade(client: Duplex, refusal: Problem | RayRefused): void {
  const details = refusal instanceof Problem ? refusal.details() : undefined;
  const status = refusal instanceof Problem ? refusal.details().status : refusal.status;
  const body = details ? JSON.stringify(details) : refusal.message;
  const type = details ? "application/problem+json" : "text/plain";
  client.once("error", () => client.destroy());
  client.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Unknown"}\r\ncontent-type: ${type}; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
