import { request } from "node:http";
import type { Duplex } from "node:stream";
import { errorText } from "@ionet/machine";
import { z } from "zod";
import { machineProblem } from "../environment/machine-problem.ts";
import { LEASE_LABEL } from "./ray-command.ts";

const TIME_LIMIT_MS = 8_000;

export type RayAnswer = { status: number; body: string };

/**
 * One HTTP request to a Ray node over a connection of its own. node:http and not fetch(): fetch sends `sec-fetch-mode`, by
 * which Ray takes the caller for a browser and refuses uploads. Throws `ray-unreachable`.
 */
export async function askRay(
  connect: () => Promise<Duplex>,
  ask: { method?: string; path: string; token?: string; body?: string | Buffer; signal?: AbortSignal },
): Promise<RayAnswer> {
  const unreachable = (cause: unknown) =>
    machineProblem(
      "ray-unreachable",
      {
        field: "Ray's HTTP port",
        given: errorText(cause),
        allowed: "an answer within 8 s",
        next: "Wait until the Ray node has joined; read ray-start.log in the lease's folder.",
      },
      { cause },
    );
  let connection: Duplex;
  try {
    connection = await connect();
  } catch (error) {
    throw unreachable(error);
  }
  const limit = AbortSignal.timeout(TIME_LIMIT_MS);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        createConnection: () => connection,
        method: ask.method ?? "GET",
        path: ask.path,
        signal: ask.signal ? AbortSignal.any([ask.signal, limit]) : limit,
        headers: {
          host: "ray",
          connection: "close",
          ...(ask.token === undefined ? {} : { authorization: `Bearer ${ask.token}` }),
          ...(ask.body === undefined
            ? {}
            : {
                "content-type":
                  typeof ask.body === "string" ? "application/json" : "application/octet-stream",
                "content-length": Buffer.byteLength(ask.body),
              }),
        },
      },
      (incoming) => {
        let body = "";
        incoming.setEncoding("utf8").on("data", (text: string) => {
          body += text;
        });
        incoming.once("end", () => resolve({ status: incoming.statusCode ?? 0, body }));
        incoming.once("error", (error) => reject(unreachable(error)));
      },
    );
    outgoing.once("error", (error) => {
      connection.destroy();
      reject(unreachable(error));
    });
    outgoing.end(ask.body);
  });
}

/** A Ray node as the head knows it. `leaseId`: the lease it was started for, by its label; null without one. */
export type RayNodeSign = {
  address: string;
  alive: boolean;
  isHead: boolean;
  rayNodeId: string;
  leaseId: string | null;
};

const nodesSchema = z.object({
  data: z.object({
    result: z.object({
      result: z.array(
        z.object({
          node_id: z.string(),
          node_ip: z.string(),
          is_head_node: z.boolean(),
          state: z.string(),
          labels: z.record(z.string(), z.string()).nullish(),
        }),
      ),
    }),
  }),
});

/** Who is in the cluster, asked of the head's GCS through its dashboard. Throws `ray-unreachable`. */
export async function listRayNodes(connect: () => Promise<Duplex>, token: string): Promise<RayNodeSign[]> {
  const answer = await askRay(connect, { path: "/api/v0/nodes?limit=1000", token });
  const parsed = answer.status === 200 ? nodesSchema.safeParse(JSON.parse(answer.body)) : undefined;
  if (!parsed?.success) {
    throw machineProblem("ray-unreachable", {
      field: "Ray's list of nodes",
      given: `status ${answer.status}: ${answer.body.slice(0, 200)}`,
      allowed: "a list of Ray nodes",
      next: "Check that the token is the cluster's and that the head runs the pinned Ray.",
    });
  }
  return parsed.data.data.result.result.map((node) => ({
    address: node.node_ip,
    alive: node.state === "ALIVE",
    isHead: node.is_head_node,
    rayNodeId: node.node_id,
    leaseId: node.labels?.[LEASE_LABEL] ?? null,
  }));
}
