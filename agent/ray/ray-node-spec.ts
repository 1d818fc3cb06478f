import type { Clock } from "@ionet/machine";
import type { RayEnvironment } from "../environment/prepare-environment.ts";
import type { Confinement } from "../overlay/confinement.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";

/** A leased GPU. `uuid` and `devicePath` are those of real ones; a simulated one has neither. */
export type LeasedGpu = { index: number; model: string; uuid?: string; devicePath?: string };

/** What one node runs for one lease. */
export type RayNodeSpec = {
  leaseId: string;
  role: "head" | "worker";
  /** The node's own address in its confinement, and the head's (its own, for the head). */
  address: string;
  headAddress: string;
  /** The cluster's secret: hexadecimal, 64 characters. */
  token: string;
  gpus: readonly LeasedGpu[];
  /** CPUs Ray may give to tasks; 1 unless told. */
  cpus?: number;
  /** Memory Ray may give to tasks; what is free on the machine unless told. */
  memoryBytes?: number;
  /** Memory of the node's share of the object store; 200 MB unless told. */
  objectStoreBytes?: number;
  labels: Readonly<Record<string, string>>;
  /** The lease's own folder on this machine, absolute; made when missing, and kept. */
  folder: string;
  environment: RayEnvironment;
  confinement: Confinement;
  sandbox: Sandbox;
  clock: Clock;
};
