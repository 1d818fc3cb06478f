import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Clock, errorText } from "@ionet/machine";
import { type Link, type NodeId, type Observation, SYNC_PROTOCOL, type Terms } from "@ionet/protocol";
import { type AgentConfig, readAgentConfig } from "./identity/agent-config.ts";
import { agentProblem } from "./identity/agent-problem.ts";
import { openNodeKey } from "./identity/node-key.ts";
import { takeStateFolder } from "./identity/state-folder.ts";
import { openLeaseBook } from "./leases/lease-book.ts";
import type { Machine } from "./leases/machine.ts";
import { rememberLeases } from "./leases/remembered-lease.ts";
import type { Confinement } from "./overlay/confinement.ts";
import { loopbackConfinement } from "./overlay/loopback-confinement.ts";
import { namespaceConfinement } from "./overlay/namespace-confinement.ts";
import { startPreparing } from "./prepare-machine.ts";
import { startRayNode } from "./ray/ray-node.ts";
import { openAgentSession } from "./sync/agent-session.ts";
import { createReadingKeeper } from "./sync/keep-readings.ts";
import { type AgentLog, startSync } from "./sync/sync-loop.ts";
import { watchLink } from "./sync/watch-link.ts";
import { keepTunnel } from "./tunnel/keep-tunnel.ts";
import { watchHardware } from "./watch-hardware.ts";

export const AGENT_VERSION = "0.1.0";

const TICK_MS = 500;
/** An agent that has heard nothing for so long works for nobody it could be paid by. */
const SILENCE_MS = 60 * 60_000;
/** How long the last words may take at an orderly end. */
const FAREWELL_MS = 8_000;

export type AgentOptions = {
  stateFolder: string;
  /** Base URL; has to be the one the node is enrolled at. Its own unless told. */
  controlPlane?: string;
  cacheFolder: string;
  /** Path of a Python to prefer. */
  preferredPython?: string;
  /** Like "2xA100-40GB": declared simulation in place of the machine's GPUs. */
  simulateGpus?: string;
  /** Null: not for hire. */
  terms: Terms | null;
  network: { kind: "namespace"; pid: number; address: string } | { kind: "loopback"; address: string };
  clock: Clock;
  random: { bytes(count: number): Uint8Array };
  log: AgentLog;
};

export type RunningAgent = {
  nodeId: NodeId;
  /** Ends every lease (supplier-withdrew) with a last statement and a last sync. Safe to call again. */
  stop(): Promise<void>;
};

/**
 * Runs the agent of an enrolled node. Throws AgentProblem: `agent-already-running`, `not-enrolled`, `already-enrolled`,
 * `state-folder-unusable`; MachineProblem `gpus-invalid`. Once it runs it gives up at nothing.
 */
export async function runAgent(options: AgentOptions): Promise<RunningAgent> {
  const folder = await takeStateFolder(options.stateFolder);
  try {
    const config = await configOf(options);
    const confinement = confinementOf(options.network);
    const agent = await start(options, config, confinement);
    let stopping: Promise<void> | undefined;
    return {
      nodeId: config.nodeId,
      stop: () => {
        stopping ??= agent.stop().finally(() => folder.release());
        return stopping;
      },
    };
  } catch (error) {
    await folder.release();
    throw error;
  }
}

async function start(options: AgentOptions, config: AgentConfig, confinement: Confinement) {
  const { stateFolder, clock, random, log } = options;
  const { controlPlane: url, nodeId } = config;
  const key = await openNodeKey(stateFolder);
  let isClosing = false;
  // What changes before the loop begins is in its first word.
  let onChange = () => {};
  const changed = () => onChange();

  const hardware = await watchHardware({
    folder: stateFolder,
    nodeName: nodeId.slice(-8),
    onChange: changed,
    ...(options.simulateGpus ? { simulated: options.simulateGpus } : {}),
  });
  const preparation = startPreparing({
    cacheFolder: options.cacheFolder,
    folder: join(stateFolder, "sandbox-probe"),
    confinement,
    log,
    onChange: changed,
    ...(options.preferredPython ? { preferredPython: options.preferredPython } : {}),
  });
  sayWhatRuns(log, confinement, hardware.now());

  const machine: Machine = {
    prepared: preparation.prepared,
    confinement,
    gpu: hardware.gpu,
    labels: { supplier: config.supplier, node: nodeId },
    startRayNode,
    openTunnel: (leaseId, ray) =>
      keepTunnel({ url, leaseId, session: () => sync.session(), ray, random, log }),
    sign: key.sign,
    clock,
    log,
  };
  const leasesFolder = join(stateFolder, "leases");
  const remembered = await rememberLeases(leasesFolder, machine);
  const book = openLeaseBook({ folder: leasesFolder, machine, remembered, onChange: changed });
  const keepReadings = createReadingKeeper(stateFolder);
  const instance = Buffer.from(random.bytes(16)).toString("hex");
  let desiredVersion: string | null = null;

  const link = await watchLink({
    folder: stateFolder,
    url,
    session: () => sync.session(),
    isIdle: () => !isClosing && book.isEmpty() && preparation.readiness().environment === "ready",
    clock,
    random,
    onChange: changed,
    log,
  });

  const sync = startSync({
    open: (signal) => openAgentSession({ url, nodeId, key, instance, clock, signal }),
    observe: (): Observation => ({
      protocol: SYNC_PROTOCOL,
      agentVersion: AGENT_VERSION,
      hardware: forTheNetwork(hardware.now(), link.now()),
      terms: isClosing ? null : options.terms,
      readiness: { ...preparation.readiness(), ...(isClosing ? { leaving: true } : {}) },
      leases: book.observed(),
      desiredVersion,
    }),
    apply: (desired) => {
      desiredVersion = desired.version;
      book.apply(desired.leases);
      keepReadings(desired.readings).catch((error: unknown) => {
        log.error({ error: errorText(error) }, "a signed reading could not be kept");
      });
    },
    clock,
    random,
    log,
  });
  onChange = sync.changed;
  const ticking = setInterval(() => {
    book.tick();
    link.tick();
    if (clock.now() - sync.lastHeardMs() >= SILENCE_MS) {
      void book.endAll("control-plane-silent", "Nothing was heard of the network for 60 minutes.");
    }
  }, TICK_MS);

  return {
    stop: async () => {
      isClosing = true;
      log.info({}, "the agent is told to end: leases end, then the network is told");
      await book.endAll("supplier-withdrew", "The supplier ended the agent.", { close: true });
      // Without a version the next answer comes at once.
      desiredVersion = null;
      const answered = sync.answers();
      changed();
      await farewell(() => book.isEmpty() && sync.answers() > answered);
      clearInterval(ticking);
      hardware.stop();
      preparation.stop();
      await sync.stop();
      await confinement.close();
      log.info({ untold: !book.isEmpty() }, "the agent has ended");
    },
  };
}

/** Waits until the network has taken the last words; what it has not taken is told by the next agent in this folder. */
async function farewell(isTold: () => boolean): Promise<void> {
  for (let waited = 0; !isTold() && waited < FAREWELL_MS; waited += 50) await sleep(50);
}

async function configOf(options: AgentOptions): Promise<AgentConfig> {
  const config = await readAgentConfig(options.stateFolder);
  if (config === undefined) {
    throw agentProblem("not-enrolled", {
      field: "state folder",
      given: `${options.stateFolder}, where no node is enrolled`,
      allowed: "the folder of an enrolled node",
      next: "Enrol first: `ionet agent enroll` with a token of the supplier.",
    });
  }
  const wanted = options.controlPlane;
  if (wanted !== undefined && new URL(wanted).href !== new URL(config.controlPlane).href) {
    throw agentProblem("already-enrolled", {
      field: "control plane",
      given: wanted,
      allowed: `${config.controlPlane}, where this node is enrolled`,
      next: "Leave the option out, or use another state folder for another network.",
    });
  }
  return config;
}

const confinementOf = (network: AgentOptions["network"]): Confinement =>
  network.kind === "namespace" ? namespaceConfinement(network) : loopbackConfinement(network.address);

type WatchedHardware = Awaited<ReturnType<typeof watchHardware>>;

/** Device paths and power limits stay on the machine. */
function forTheNetwork(
  hardware: ReturnType<WatchedHardware["now"]>,
  link: Link | undefined,
): Observation["hardware"] {
  return {
    ...hardware,
    ...(link === undefined ? {} : { link }),
    gpus: hardware.gpus.map(({ devicePath: _path, powerLimitWatts: _watts, ...gpu }) => gpu),
  };
}

function sayWhatRuns(
  log: AgentLog,
  confinement: Confinement,
  hardware: ReturnType<WatchedHardware["now"]>,
): void {
  const gpus = hardware.gpus.map((gpu) => gpu.name);
  const isSimulated = hardware.gpus.some((gpu) => gpu.simulated);
  const words =
    gpus.length === 0
      ? `no GPU can be offered: ${hardware.gpuProblem ?? "none was found"}`
      : `${gpus.length} ${isSimulated ? "SIMULATED" : "real"} GPU(s)`;
  const beside = gpus.length > 0 && hardware.gpuProblem ? `; not offered: ${hardware.gpuProblem}` : "";
  log.info({ gpus, simulated: isSimulated }, `${words}${beside}`);
  log.info({ confinement: confinement.kind, address: confinement.address }, confinement.statement);
}
