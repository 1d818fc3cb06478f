import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { idSchema, problem } from "@ionet/protocol";
import { z } from "zod";
import type { GatewayParts } from "./gateway-parts.ts";
import type { Tunnels } from "./tunnels.ts";

/** Where agents dial; the lease follows. The protocol asked for is `ionet-tunnel`. */
const TUNNEL_PATH = "/v1/tunnel/";

export const isTunnelPath = (path: string | undefined): boolean => path?.startsWith(TUNNEL_PATH) === true;

/** Makes an agent's connection its cluster's tunnel. Throws `not-found` when its node is not the head of that lease. */
export async function takeTunnel(
  parts: Pick<GatewayParts, "verifyNode" | "clusterOfHead" | "log"> & { tunnels: Tunnels },
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
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
  parts.tunnels.add(clusterId, nodeId, socket);
  parts.log.info({ nodeId, clusterId }, "a head's tunnel is open");
}
