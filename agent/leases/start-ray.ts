import { join } from "node:path";
import type { DesiredLease } from "@ionet/protocol";
import { machineProblem } from "../environment/machine-problem.ts";
import type { RayNode } from "../ray/ray-node.ts";
import type { Machine } from "./machine.ts";

/**
 * Starts Ray for a lease and waits until it has joined. Throws MachineProblem; what it started is ended then.
 */
export async function startRay(
  machine: Machine,
  lease: DesiredLease,
  folder: string,
  signal: AbortSignal,
): Promise<RayNode> {
  const { environment, sandbox } = await abortable(machine.prepared(), signal);
  const gpus = lease.gpus.map((index) => {
    const gpu = machine.gpu(index);
    if (gpu !== undefined) return gpu;
    throw machineProblem("gpus-invalid", {
      field: "gpus",
      given: `GPU ${index}`,
      allowed: "a GPU that this node still has",
      next: "Look at nvidia-smi on the node; book again without it.",
    });
  });
  const node = await machine.startRayNode({
    leaseId: lease.leaseId,
    role: lease.role,
    address: machine.confinement.address,
    headAddress: lease.headAddress,
    token: lease.rayToken,
    gpus,
    labels: machine.labels,
    folder: join(folder, "ray"),
    environment,
    confinement: machine.confinement,
    sandbox,
    clock: machine.clock,
  });
  try {
    await node.waitJoined(signal);
    return node;
  } catch (error) {
    await node.stop();
    throw error;
  }
}

/** Preparing goes on for the leases to come; this one need not wait for it. */
const abortable = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
