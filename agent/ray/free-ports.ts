import { createServer } from "node:net";
import { machineProblem } from "../environment/machine-problem.ts";
import type { RayPorts } from "./ray-ports.ts";

/** Refuses with `port-taken` when another program of this machine listens on a port that a Ray node on loopback needs. */
export async function requireFreePorts(
  ports: RayPorts,
  role: "head" | "worker",
  address: string,
): Promise<void> {
  const everywhere = [
    ports.nodeManager,
    ports.objectManager,
    ports.agentGrpc,
    ports.metrics,
    ports.firstWorker,
  ];
  if (role === "head") everywhere.push(ports.gcs);
  const wanted = everywhere.map((port) => ({ port, host: "0.0.0.0" }));
  if (role === "head") wanted.push({ port: ports.dashboard, host: address });
  for (const { port, host } of wanted) {
    if (await isFree(port, host)) continue;
    throw machineProblem("port-taken", {
      field: `port ${port}`,
      given: `another program listens on it (${host})`,
      allowed: "a free port for Ray",
      next: "End that program, or give this node another loopback address: each has its own ports.",
    });
  }
}

const isFree = (port: number, host: string) =>
  new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
