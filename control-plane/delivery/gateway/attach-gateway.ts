import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { errorText } from "@ionet/machine";
import { Problem, problem } from "@ionet/protocol";
import type { FastifyInstance } from "fastify";
import type { Log } from "../../platform/context.ts";
import { pathRefused } from "./admit.ts";
import { createAnswers } from "./answer-request.ts";
import type { GatewayParts } from "./gateway-parts.ts";
import { RayRefused } from "./job-log.ts";
import { clusterPath, jobOfLog } from "./ray-paths.ts";
import { refuseUpgrade } from "./refuse-upgrade.ts";
import { tailLog } from "./tail-log.ts";
import { isTunnelPath, takeTunnel } from "./take-tunnel.ts";
import { createTunnels } from "./tunnels.ts";
import { IDLE_MS } from "./upload-limits.ts";

/**
 * Engineers reach their clusters' Jobs API at `/clusters/ID/…` of the same server, with bearer tokens alone; agents of
 * heads dial their tunnels at `/v1/tunnel/LEASE`. Call it before the server listens.
 */
export function attachGateway(server: FastifyInstance, parts: GatewayParts): void {
  const tunnels = createTunnels();
  const sockets = new Set<Duplex>();

  const ending = new AbortController();
  const idleMs = parts.uploadIdleMs ?? IDLE_MS;

  const { admitted, answerTo } = createAnswers({ ...parts, tunnels, sockets, ending: ending.signal, idleMs });

  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const wanted = request.headers.upgrade?.toLowerCase();
    if (wanted === "ionet-tunnel" && isTunnelPath(request.url)) {
      return takeTunnel({ ...parts, tunnels }, request, socket, head);
    }
    if (wanted !== "websocket" || clusterPath(request.url ?? "") === null) {
      throw problem("not-found", {
        detail: "there is nothing to upgrade to at this address",
        next: "Follow a job's log at /clusters/ID/api/jobs/JOB/logs/tail.",
      });
    }
    const { ray, rayUrl } = await admitted(request);
    const jobId = jobOfLog(rayUrl, "tail");
    if (jobId === null) throw pathRefused("GET", rayUrl);
    await tailLog(request, socket, head, { ray, jobId, ending: ending.signal });
  };

  server.server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    const drop = () => socket.destroy();
    socket.on("error", drop);
    upgrade(request, socket, head).catch((error: unknown) =>
      refuseUpgrade(socket, error instanceof RayRefused ? error : asProblem(error, parts.log)),
    );
  });
  server.addHook("preClose", async () => {
    ending.abort();
    tunnels.closeAll();
    for (const socket of sockets) socket.destroy();
  });

  server.register(async (scope) => {
    // Bodies are not read here: they stream through.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _body, done) => done(null));
    const method = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];
    for (const url of ["/clusters/:clusterId", "/clusters/:clusterId/*"]) {
      scope.route({
        method,
        url,
        config: { takesUploads: true },
        handler: async (request, reply) => {
          const answer = await answerTo(request.raw);
          reply.hijack();
          await answer(reply.raw);
        },
      });
    }
  });
}

function asProblem(error: unknown, log: Log): Problem {
  if (error instanceof Problem) return error;
  log.error({ error: errorText(error) }, "an upgrade failed");
  return problem("internal", { detail: "something went wrong on our side", next: "Try again." });
}
