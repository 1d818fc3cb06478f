import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import {
  type ClusterId,
  idSchema,
  type LeaseId,
  type NodeId,
  Problem,
  problem,
  RAY_DASHBOARD,
} from "@ionet/protocol";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Log } from "../../platform/context.ts";
import type { VerifyNode } from "../../platform/http/server.ts";
import { admit, bodyRefused, type Doorkeeper, pathRefused } from "./admit.ts";
import { answerLog } from "./answer-log.ts";
import type { RayOfCluster } from "./ask-ray.ts";
import { checkedSubmission } from "./check-submission.ts";
import { forward } from "./forward.ts";
import { RayRefused } from "./job-log.ts";
import { clusterPath, isSubmission, jobOfLog, mayPass } from "./ray-paths.ts";
import { refuseUpgrade } from "./refuse-upgrade.ts";
import { tailLog } from "./tail-log.ts";
import { createTunnels } from "./tunnels.ts";
import { IDLE_MS } from "./upload-limits.ts";

/** Where agents dial; the lease follows. The protocol asked for is `ionet-tunnel`. */
const TUNNEL_PATH = "/v1/tunnel/";

export type GatewayParts = Doorkeeper & {
  verifyNode: VerifyNode;
  /** The cluster whose head's lease this is, when this node is to run it; null otherwise. */
  clusterOfHead(nodeId: NodeId, leaseId: LeaseId): Promise<ClusterId | null>;
  log: Log;
  /** An upload is given up when nothing came for so long, in ms. */
  uploadIdleMs?: number;
};

/**
 * Engineers reach their clusters' Jobs API at `/clusters/ID/…` of the same server, with bearer tokens alone; agents of
 * heads dial their tunnels at `/v1/tunnel/LEASE`. Call it before the server listens.
 */
export function attachGateway(server: FastifyInstance, parts: GatewayParts): void {
  const tunnels = createTunnels();
  const sockets = new Set<Duplex>();

  const ending = new AbortController();
  const idleMs = parts.uploadIdleMs ?? IDLE_MS;

  /** The Ray that a request is for, and its path there. */
  const admitted = async (request: IncomingMessage): Promise<{ ray: RayOfCluster; rayUrl: string }> => {
    const target = clusterPath(request.url ?? "");
    const { clusterId, headNodeId, rayToken } = await admit(parts, {
      authorization: request.headers.authorization,
      clusterId: target?.clusterId ?? "",
    });
    const connect = (to: string) => tunnels.connect(clusterId, headNodeId, to);
    return { ray: { rayToken, connect }, rayUrl: target?.rayUrl ?? "/" };
  };

  /** What a request is answered by, once it is known to be allowed. Throws what it is refused with. */
  const answerTo = async (request: IncomingMessage): Promise<(to: ServerResponse) => Promise<void>> => {
    const { ray, rayUrl } = await admitted(request);
    const { method = "GET" } = request;
    if (!mayPass(method, rayUrl)) throw pathRefused(method, rayUrl);
    if (method !== "POST" && method !== "PUT" && hasBody(request)) throw bodyRefused(method);
    const jobId = method === "GET" ? jobOfLog(rayUrl, "log") : null;
    if (jobId !== null) {
      const query = new URLSearchParams(rayUrl.split("?")[1]);
      return answerLog(request, { ray, jobId, query, ending: ending.signal });
    }
    const body = isSubmission(method, rayUrl) ? await checkedSubmission(request, idleMs) : undefined;
    const connection = await ray.connect(RAY_DASHBOARD);
    return async (to) => {
      sockets.add(connection);
      await forward(request, to, {
        connection,
        rayUrl,
        rayToken: ray.rayToken,
        ...(body === undefined ? {} : { body }),
        idleMs,
      });
      sockets.delete(connection);
    };
  };

  const takeTunnel = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const path = request.url ?? "";
    const headers = new Headers(
      Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
        typeof value === "string" ? [[name, value]] : [],
      ),
    );
    const signed = { method: "GET", path, headers, body: new Uint8Array() };
    const { nodeId } = await parts.verifyNode(signed, "node-session");
    const leaseId = z.safeDecode(idSchema("lease"), path.slice(TUNNEL_PATH.length));
    const clusterId = leaseId.success ? await parts.clusterOfHead(nodeId, leaseId.data) : null;
    if (clusterId === null) {
      throw problem("not-found", {
        detail: "this node is not the head of a running cluster by that lease",
        next: "Sync first: the lease may have ended.",
      });
    }
    socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: ionet-tunnel\r\n\r\n");
    if (head.length > 0) socket.unshift(head);
    tunnels.add(clusterId, nodeId, socket);
    parts.log.info({ nodeId, clusterId }, "a head's tunnel is open");
  };

  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const wanted = request.headers.upgrade?.toLowerCase();
    if (wanted === "ionet-tunnel" && request.url?.startsWith(TUNNEL_PATH)) {
      return takeTunnel(request, socket, head);
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

/** Whether a message has a body (RFC 9112, section 6.3). */
const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) !== 0;

function asProblem(error: unknown, log: Log): Problem {
  if (error instanceof Problem) return error;
  log.error({ error: error instanceof Error ? error.message : String(error) }, "an upgrade failed");
  return problem("internal", { detail: "something went wrong on our side", next: "Try again." });
}
