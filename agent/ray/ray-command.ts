import type { RayNodeSpec } from "./ray-node-spec.ts";
import { rayPorts } from "./ray-ports.ts";

const OBJECT_STORE_BYTES = 200_000_000;
/** The label by which a head knows whose Ray node it sees. */
export const LEASE_LABEL = "ionet.lease";

/** The arguments of `ray start` for one node, with paths as its sandbox shows them. No secret is among them. */
export function rayCommand(spec: RayNodeSpec, room: { python: string; rayFolder: string }): string[] {
  const ports = rayPorts(spec.confinement.kind, spec.address);
  const role =
    spec.role === "head"
      ? [
          "--head",
          `--port=${ports.gcs}`,
          `--dashboard-host=${spec.address}`,
          `--dashboard-port=${ports.dashboard}`,
          `--ray-client-server-port=${ports.rayClient}`,
          "--no-monitor",
        ]
      : [`--address=${spec.headAddress}:${rayPorts(spec.confinement.kind, spec.headAddress).gcs}`];
  const labels = Object.entries({ ...spec.labels, [LEASE_LABEL]: spec.leaseId }).map(
    ([name, value]) => `${name}=${value}`,
  );
  return [
    ...[room.python, "-m", "ray.scripts.scripts", "start", ...role, "--block", "--disable-usage-stats"],
    ...["--include-log-monitor=false", "--log-color=false", "--log-style=record"],
    `--node-ip-address=${spec.address}`,
    `--temp-dir=${room.rayFolder}`,
    `--num-cpus=${spec.cpus ?? 1}`,
    `--num-gpus=${spec.gpus.length}`,
    `--object-store-memory=${spec.objectStoreBytes ?? OBJECT_STORE_BYTES}`,
    ...(spec.memoryBytes === undefined ? [] : [`--memory=${spec.memoryBytes}`]),
    `--labels=${labels.join(",")}`,
    ...(spec.labels.supplier === undefined ? [] : [`--resources={"supplier:${spec.labels.supplier}":1}`]),
    `--node-manager-port=${ports.nodeManager}`,
    `--object-manager-port=${ports.objectManager}`,
    `--dashboard-agent-grpc-port=${ports.agentGrpc}`,
    `--dashboard-agent-listen-port=${ports.agentHttp}`,
    `--metrics-export-port=${ports.metrics}`,
    `--runtime-env-agent-port=${ports.runtimeEnv}`,
    `--min-worker-port=${ports.firstWorker}`,
    `--max-worker-port=${ports.lastWorker}`,
  ];
}

/** The environment of a Ray node's processes. It holds the token: it goes through the sandbox's secret arguments. */
export function rayEnvironmentVariables(spec: RayNodeSpec): Record<string, string> {
  return {
    LANG: "C.UTF-8",
    PYTHONUNBUFFERED: "1",
    RAY_AUTH_MODE: "token",
    RAY_AUTH_TOKEN: spec.token,
    RAY_USAGE_STATS_ENABLED: "0",
    // A package that nobody uses yet is kept while it is uploaded, however slowly; Ray's own is 600.
    RAY_RUNTIME_ENV_TEMPORARY_REFERENCE_EXPIRATION_S: "14400",
    DASHBOARD_METRIC_PORT: `${rayPorts(spec.confinement.kind, spec.address).dashboardMetrics}`,
    // A killed worker is known dead after 2.7 s instead of 13.6 s, a cut link after 5.8 s; the same on all nodes.
    RAY_health_check_initial_delay_ms: "1000",
    RAY_health_check_period_ms: "1000",
    RAY_health_check_timeout_ms: "1000",
    RAY_health_check_failure_threshold: "3",
    RAY_grpc_client_keepalive_time_ms: "5000",
    RAY_grpc_client_keepalive_timeout_ms: "3000",
    CUDA_VISIBLE_DEVICES: visibleDevices(spec),
  };
}

/** Real GPUs by their uuid, which stays true when only some devices are shown; simulated ones by a name no CUDA program finds. */
const visibleDevices = (spec: RayNodeSpec) =>
  spec.gpus
    .map((gpu) => (gpu.devicePath === undefined ? `simulated-${gpu.index}` : (gpu.uuid ?? `${gpu.index}`)))
    .join(",");
