import {
  type ClusterId,
  type EndReason,
  idSchema,
  type NodeId,
  type Problem,
  problem,
} from "@ionet/protocol";
import { z } from "zod";
import type { Caller } from "../../platform/http/handlers.ts";
import type { GatewayCluster } from "../clusters/gateway-view.ts";

/** A cluster that its engineer may reach now. `rayToken` is a secret. */
export type Admitted = { clusterId: ClusterId; headNodeId: NodeId; rayToken: string };

/** Who asks, and which clusters there are. */
export type Doorkeeper = {
  authenticate(token: string): Promise<Caller | null>;
  findCluster(clusterId: ClusterId): Promise<GatewayCluster | null>;
};

/**
 * Lets an engineer through to a cluster of theirs that runs. Another's cluster does not exist for them. Throws
 * `gateway-bearer-required`, `unauthenticated`, `forbidden`, `not-found`, `cluster-not-running`.
 */
export async function admit(
  door: Doorkeeper,
  request: { authorization: string | undefined; clusterId: string },
): Promise<Admitted> {
  const [, token] = /^Bearer +([\x21-\x7e]+)$/i.exec(request.authorization ?? "") ?? [];
  if (token === undefined) throw bearerRequired();
  const caller = await door.authenticate(token);
  if (caller === null) {
    throw problem("unauthenticated", {
      detail: "the bearer token is unknown, revoked or expired",
      field: "Authorization",
      allowed: "Bearer with a sign-in token or an API key",
      next: "Sign in with your wallet (`ionet login`) or use an API key.",
    });
  }
  if (!caller.scopes.some((scope) => scope === "rent" || scope === "jobs")) {
    throw problem("forbidden", {
      detail: "the API key does not have the scope that the gateway needs",
      given: caller.scopes.join(", "),
      allowed: "rent or jobs",
      next: "Use an API key with the scope jobs or rent, or sign in with the wallet.",
    });
  }
  const parsed = z.safeDecode(idSchema("cluster"), request.clusterId);
  const cluster = parsed.success ? await door.findCluster(parsed.data) : null;
  if (!parsed.success || cluster === null || cluster.accountId !== caller.accountId) {
    throw notFound(request.clusterId);
  }
  if (cluster.state !== "ready" && cluster.state !== "degraded") {
    throw notRunning(cluster);
  }
  return { clusterId: parsed.data, headNodeId: cluster.headNodeId, rayToken: cluster.rayToken };
}

/** What ended the jobs of a cluster, in words for who follows one. */
const ends: Partial<Record<EndReason, string>> = {
  "budget-spent": "the budget is spent, and the cluster's jobs ended with it",
  "stopped-by-engineer": "the cluster was stopped by its engineer, and its jobs ended with it",
  "reclaimed-by-supplier": "the head was reclaimed by its supplier, and the cluster's jobs ended with it",
  "head-lost": "the cluster's head was lost, and its jobs ended with it",
};

function notRunning({ state, reason }: GatewayCluster): Problem {
  const plainly = reason === null ? `the cluster is ${state}` : `the cluster is ${state}: ${reason}`;
  return problem("cluster-not-running", {
    detail: (reason === null ? undefined : ends[reason]) ?? plainly,
    field: "cluster",
    given: reason === null ? state : `${state} (${reason})`,
    allowed: "ready or degraded",
    next:
      state === "forming"
        ? "Wait until it is ready; `ionet clusters show` has its stages."
        : reason === "budget-spent"
          ? "Rent another cluster for longer; one that still runs is lengthened with `ionet topup`."
          : "Its time is over: rent another cluster.",
  });
}

const bearerRequired = () =>
  problem("gateway-bearer-required", {
    detail: "the request has no bearer token; cookies and other ways to sign in do not count here",
    field: "Authorization",
    allowed: "Bearer with a sign-in token or an API key",
    next: `Give Ray's commands --headers '{"Authorization": "Bearer …"}' with your token.`,
  });

const notFound = (clusterId: string): Problem =>
  problem("not-found", {
    field: "clusterId",
    given: clusterId.slice(0, 60),
    allowed: "a cluster of this account",
    detail: "you have no such cluster",
    next: "List yours with GET /v1/clusters.",
  });

/** A body where HTTP gives it no meaning: two readers may take it for two things, the second of them a request. */
export const bodyRefused = (method: string): Problem =>
  problem("invalid-request", {
    detail: `a ${method} through the gateway has no body`,
    field: "body",
    given: "a body",
    allowed: "a body with POST and PUT only",
    next: "Send the call without a body.",
  });

/** What the gateway does not pass on. */
export const pathRefused = (method: string, rayUrl: string): Problem =>
  problem("not-found", {
    detail: "the gateway passes Ray's Jobs API, its packages and its read-only state API",
    given: `${method} ${rayUrl.split("?")[0]?.slice(0, 100)}`,
    allowed: "/api/jobs, /api/packages, /api/version, /api/v0 and /nodes below the cluster's address",
    next: "Use Ray's Jobs API: `ray job submit --address …/clusters/ID`.",
  });
