import { freePort } from "@ionet/machine";
import { machineProblem } from "../environment/machine-problem.ts";
import type { Confinement } from "../overlay/confinement.ts";
import { type RayPorts, rayPorts } from "./ray-ports.ts";

/**
 * Refuses when something listens already on a port that a Ray node needs where it is to run: `port-taken` on loopback,
 * `address-taken` in a namespace, where only another Ray node can be in the way.
 */
export async function requireFreePorts(confinement: Confinement, role: "head" | "worker"): Promise<void> {
  const ports = rayPorts(confinement.kind, confinement.address);
  if (confinement.kind === "loopback") return requireFreeOnHost(ports, role, confinement.address);
  const other = await confinement.connect(ports.nodeManager).catch(() => undefined);
  if (other === undefined) return;
  other.destroy();
  throw machineProblem("address-taken", {
    field: `address ${confinement.address}`,
    given: "another Ray node runs in this namespace",
    allowed: "one Ray node in a namespace",
    next: "Wait until the other lease has ended, or give this lease a namespace of its own.",
  });
}

async function requireFreeOnHost(ports: RayPorts, role: "head" | "worker", address: string): Promise<void> {
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
  freePort({ port, host }).then(
    () => true,
    () => false,
  );
