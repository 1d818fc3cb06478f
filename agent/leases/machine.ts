import type { Clock } from "@ionet/machine";
import type { LeaseId } from "@ionet/protocol";
import type { RayEnvironment } from "../environment/prepare-environment.ts";
import type { Confinement } from "../overlay/confinement.ts";
import type { RayNode } from "../ray/ray-node.ts";
import type { LeasedGpu, RayNodeSpec } from "../ray/ray-node-spec.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { AgentLog } from "../sync/sync-loop.ts";
import type { TunnelTargets } from "../tunnel/serve-tunnel.ts";

/** What this machine can start Ray with, once it is prepared. */
export type Prepared = { environment: RayEnvironment; sandbox: Sandbox };

/** All that a lease needs of the machine it runs on. */
export type Machine = {
  /** Settles when the preparing under way has ended; rejects with its MachineProblem. */
  prepared(): Promise<Prepared>;
  confinement: Confinement;
  /** The GPU at an index; undefined when there is none. */
  gpu(index: number): LeasedGpu | undefined;
  labels: Readonly<Record<string, string>>;
  startRayNode(spec: RayNodeSpec): Promise<RayNode>;
  /** Keeps a tunnel to the gateway while the head of a cluster runs; answers how to end it. */
  openTunnel(leaseId: LeaseId, ray: TunnelTargets): () => void;
  /** The node's signature, in base64. */
  sign(bytes: Uint8Array): string;
  clock: Clock;
  log: AgentLog;
};
