import type { FastifyInstance } from "fastify";
import { unreadAnswer } from "./early-refusals.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Bodies of this route stream through, by limits of its own. */
    takesUploads?: boolean;
  }
}

const ARRIVAL_MS = 300_000;

/** Who sends slowly holds a connection no longer than this: a body that has not all arrived by then is cut off. */
export function limitArrival(server: FastifyInstance, limitMs = ARRIVAL_MS): void {
  server.addHook("onRequest", async ({ raw, routeOptions }) => {
    const { headers, socket } = raw;
    const hasBody = headers["transfer-encoding"] !== undefined || headers["content-length"] !== undefined;
    if (!hasBody || routeOptions.config.takesUploads) return;
    const timer = setTimeout(() => {
      if (!raw.complete) socket.end(unreadAnswer("ERR_HTTP_REQUEST_TIMEOUT"), () => socket.destroy());
    }, limitMs);
    timer.unref();
    raw.once("close", () => clearTimeout(timer));
  });
}
