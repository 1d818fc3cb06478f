import type { Confinement } from "../overlay/confinement.ts";

/** Every port of one Ray node. Fixed, so that the others know them without asking. */
export type RayPorts = {
  gcs: number;
  dashboard: number;
  rayClient: number;
  nodeManager: number;
  objectManager: number;
  agentGrpc: number;
  agentHttp: number;
  metrics: number;
  runtimeEnv: number;
  dashboardMetrics: number;
  firstWorker: number;
  lastWorker: number;
};

const OWN_NETWORK: RayPorts = {
  gcs: 6379,
  dashboard: 8265,
  rayClient: 10001,
  nodeManager: 20005,
  objectManager: 20006,
  agentGrpc: 20001,
  agentHttp: 20002,
  metrics: 20003,
  runtimeEnv: 20004,
  dashboardMetrics: 44227,
  firstWorker: 21000,
  lastWorker: 21999,
};

const PORTS_PER_PLACE = 90;
const FIRST_PORT = 20_000;

/**
 * The ports of the Ray node at an address. In a namespace all nodes have the same; on loopback most of them listen on all
 * interfaces, so each address 127.0.0.N has a block of its own below the kernel's range for outgoing connections (32768).
 */
export function rayPorts(kind: Confinement["kind"], address: string): RayPorts {
  if (kind === "namespace") return OWN_NETWORK;
  const place = Number(address.split(".")[3]) - 2;
  const first = FIRST_PORT + (place % 140) * PORTS_PER_PLACE;
  return {
    gcs: first,
    // Python listens where it is told: this one is on the node's own address, where every tool expects it.
    dashboard: 8265,
    rayClient: first + 1,
    nodeManager: first + 2,
    objectManager: first + 3,
    agentGrpc: first + 4,
    agentHttp: first + 5,
    metrics: first + 6,
    runtimeEnv: first + 7,
    dashboardMetrics: first + 8,
    firstWorker: first + 10,
    lastWorker: first + PORTS_PER_PLACE - 1,
  };
}
