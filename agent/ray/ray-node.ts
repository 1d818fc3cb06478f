import { closeSync, openSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import {
  commandOf,
  identify,
  isAlive,
  type ProcessIdentity,
  processesOf,
  signalProcess,
} from "@ionet/machine";
import { machineProblem } from "../environment/machine-problem.ts";
import { startLaunch } from "../sandbox/start-launch.ts";
import { requireFreePorts } from "./free-ports.ts";
import { endLeftovers, endProcesses, forgetRayNode, recordRayNode } from "./leftovers.ts";
import { rayCommand, rayEnvironmentVariables } from "./ray-command.ts";
import { askRay, listRayNodes, type RayNodeSign } from "./ray-dashboard.ts";
import type { RayNodeSpec } from "./ray-node-spec.ts";
import { rayPorts } from "./ray-ports.ts";

const GRACE_MS = 3_000;
const POLL_MS = 200;
/** Lines of `ray start` that say nothing about why it ended. */
const ROUTINE = /\t(INFO|SUCC) /;
/**
 * A start that has not joined by then is given up, in time to say why: the control plane waits 90 s for a cluster to form,
 * Ray itself would wait ten minutes for a head that is not there.
 */
const JOIN_LIMIT_MS = 80_000;

export type RayNodeEnd = { reason: "stopped" | "crashed"; detail: string };

export type RayNode = {
  /** Settles when Ray's processes are gone, by stop() or by themselves. */
  exited: Promise<RayNodeEnd>;
  /** Ends the Ray node and everything it started: TERM, after 3 s KILL. Safe to call again. */
  stop(): Promise<void>;
  /** Resolves when Ray has taken this node in (a head: when its Jobs API answers, too). Throws `ray-join-timeout` after 80 s. */
  waitJoined(signal?: AbortSignal): Promise<void>;
  /** Head only: a connection to its dashboard and Jobs API. */
  dashboard(): Promise<Duplex>;
  /** Head only: a connection to the HTTP port of the Ray node at an address of the cluster; it serves that node's log files. */
  nodeHttp(address: string): Promise<Duplex>;
  /** Head only: every Ray node it knows, and whether it lives. */
  aliveRayNodes(): Promise<RayNodeSign[]>;
  /** The process that all others of this Ray node descend from. */
  process: ProcessIdentity;
};

/** Starts Ray for a lease; it has then not joined yet. Throws MachineProblem: `port-taken`, `address-taken`, `ray-start-failed`. */
export async function startRayNode(spec: RayNodeSpec): Promise<RayNode> {
  const { folder, confinement, role, address } = spec;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await endLeftovers(folder);
  const ports = rayPorts(confinement.kind, address);
  await requireFreePorts(confinement, role);
  const devices = spec.gpus.flatMap((gpu) => gpu.devicePath ?? []);
  const room = await spec.sandbox.makeRoom({ folder, environment: spec.environment, devices });
  const mark = `IONET_RAY_NODE=${spec.leaseId}.${spec.clock.now()}`;
  const variables = { ...rayEnvironmentVariables(spec), IONET_RAY_NODE: mark.slice(mark.indexOf("=") + 1) };
  const launch = room.launch(rayCommand(spec, room), variables);
  const logPath = join(folder, "ray-start.log");
  const log = openSync(logPath, "w", 0o600);
  const child = startLaunch(
    { ...launch, command: confinement.enter(launch.command) },
    { output: log, folder: folder },
  );
  closeSync(log);
  const lastWords = async () =>
    (await readFile(logPath, "utf8").catch(() => ""))
      .split("\n")
      .filter((line) => line.trim() !== "" && !ROUTINE.test(line))
      .slice(-8)
      .join(" | ");
  const startProblem = (given: string) =>
    machineProblem("ray-start-failed", {
      field: `Ray ${role}`,
      given: given.slice(-800),
      allowed: "a Ray node that runs",
      next: `Read ${logPath}, then start the lease again.`,
    });

  let isStopping = false;
  let hasEnded = false;
  const exit = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) =>
      resolve(signal === null ? `exit status ${code}` : `ended by ${signal}`),
    );
  });
  const root = child.pid === undefined ? undefined : identify(child.pid);
  const exited = exit.then(async (how): Promise<RayNodeEnd> => {
    hasEnded = true;
    // Whatever it started and left behind goes with it, however it ended.
    await endProcesses({ roots: root ? [root] : [], mark });
    await room.remove();
    await forgetRayNode(folder);
    return isStopping
      ? { reason: "stopped", detail: how }
      : { reason: "crashed", detail: `${how}: ${await lastWords()}`.slice(-800) };
  });
  if (root === undefined) {
    throw startProblem((await exited).detail);
  }
  await recordRayNode(folder, {
    ...root,
    mark,
    ...(spec.sandbox.kind === "none" ? { rayFolder: room.rayFolder } : {}),
  });

  const connectDashboard = () => confinement.connect(ports.dashboard);
  const hasJoined = async (signal?: AbortSignal): Promise<boolean> => {
    try {
      if (role === "head") {
        const nodes = await listRayNodes(connectDashboard, spec.token);
        return nodes.some((node) => node.alive && node.address === address);
      }
      const path = "/api/local_raylet_healthz";
      const connect = () => confinement.connect(ports.agentHttp);
      const answer = await askRay(connect, { path, token: spec.token, ...(signal ? { signal } : {}) });
      return answer.status === 200;
    } catch {
      return false;
    }
  };
  return {
    process: root,
    exited,
    dashboard: connectDashboard,
    nodeHttp: (of) => confinement.connect(rayPorts(confinement.kind, of).agentHttp, of),
    aliveRayNodes: () => listRayNodes(connectDashboard, spec.token),
    waitJoined: async (signal) => {
      const deadline = spec.clock.now() + JOIN_LIMIT_MS;
      while (!(await hasJoined(signal))) {
        signal?.throwIfAborted();
        if (hasEnded) throw startProblem((await exited).detail);
        if (spec.clock.now() > deadline) {
          throw machineProblem("ray-join-timeout", {
            field: `Ray ${role} ${address}`,
            given: `not in the cluster after ${JOIN_LIMIT_MS / 1000} s: ${await lastWords()}`.slice(-800),
            allowed: `a head that answers at ${spec.headAddress}`,
            next: "Check that the head runs and that this node reaches it, then start the lease again.",
          });
        }
        await sleep(POLL_MS, undefined, signal ? { signal } : {});
      }
    },
    stop: async () => {
      isStopping = true;
      const seen = processesOf({ roots: [root], mark });
      // TERM goes to `ray start` itself, below the sandbox: it takes its node out of the cluster and ends the rest.
      const start = seen.find(isRayStart) ?? root;
      signalProcess(start, "SIGTERM");
      await Promise.race([exited, sleep(GRACE_MS, undefined, { ref: false })]);
      if (isAlive(root)) signalProcess(root, "SIGKILL");
      await endProcesses({ roots: seen, mark });
      await exited;
    },
  };
}

/** Whether this is `ray start` itself, and not the sandbox around it, whose words hold the same. */
function isRayStart({ pid }: ProcessIdentity): boolean {
  const [program = "", ...words] = commandOf(pid);
  return basename(program).startsWith("python") && words.includes("ray.scripts.scripts");
}
