import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { RAY_DASHBOARD } from "@ionet/protocol";
import { admit, bodyRefused, type Doorkeeper, pathRefused } from "./admit.ts";
import { answerLog } from "./answer-log.ts";
import type { RayOfCluster } from "./ask-ray.ts";
import { checkedSubmission } from "./check-submission.ts";
import { forward } from "./forward.ts";
import { clusterPath, isSubmission, jobOfLog, mayPass } from "./ray-paths.ts";
import type { Tunnels } from "./tunnels.ts";

/** How an engineer's requests are admitted and answered: `sockets` are the connections that end with the server. */
export function createAnswers(
  parts: Doorkeeper & { tunnels: Tunnels; sockets: Set<Duplex>; ending: AbortSignal; idleMs: number },
) {
  const { tunnels, sockets, ending, idleMs } = parts;

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
      return answerLog(request, { ray, jobId, query, ending });
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

  return { admitted, answerTo };
}

/** Whether a message has a body (RFC 9112, section 6.3). */
const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) !== 0;
