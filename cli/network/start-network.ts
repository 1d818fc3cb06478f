import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { detectConfinement, type LocalSwitch, startLocalSwitch } from "@ionet/agent";
import { freePort, identify, systemClock } from "@ionet/machine";
import { createIonet, type Ionet, pause } from "@ionet/sdk";
import { type NetworkDescription, writeDescription } from "./description.ts";
import { type EnrolledSupplier, enrolSuppliers } from "./enrol-suppliers.ts";
import { requestSol } from "./faucet.ts";
import { initialiseNetwork, MINIMUM_SECONDS } from "./initialise-network.ts";
import { openKey, openNetworkKeys } from "./keys.ts";
import type { Member, StopReport } from "./member.ts";
import { postSimulatedPrice, type SimulatedPrice } from "./simulated-price.ts";
import { type AgentSpec, startAgent } from "./start-agent.ts";
import { startChain } from "./start-chain.ts";
import { startControlPlane } from "./start-control-plane.ts";
import { type LocalSupplier, suppliersHere } from "./suppliers.ts";

export type StartProgress = { part: "chain" | "control-plane" | "suppliers" | "agents"; message: string };

export type NetworkOptions = {
  stateFolder: string;
  /** Of the control plane; 0: a free one. */
  port: number;
  /** Of the local Solana network; 0: a free one. */
  rpcPort: number;
  suppliers?: readonly LocalSupplier[];
  /** The shortest bill of a lease that joined, in seconds; 60. */
  minimumSeconds?: number;
  /** The Solana network's time can be moved ahead, for tests of hours and days. */
  movableClock?: boolean;
  /** Ray on loopback although the machine could do better. */
  loopback?: boolean;
  onProgress?: (progress: StartProgress) => void;
  signal?: AbortSignal;
};

export type RunningNetwork = {
  description: NetworkDescription;
  /** A process of the network by its name; undefined when there is none. */
  member(name: string): Member | undefined;
  /** Starts the control plane again on the same port and database, after it was ended or killed. */
  restartControlPlane(): Promise<void>;
  /** Starts a node's agent again in its folder. */
  restartAgent(node: string): Promise<void>;
  /** Ends every process, agents first: they end their leases cleanly. */
  stop(): Promise<StopReport[]>;
};

/**
 * A whole network on this machine: a Solana network, a control plane, and an agent a node as processes of their own.
 * When it fails on the way, or `signal` is aborted, what was started is stopped before it throws.
 */
export async function startNetwork(options: NetworkOptions): Promise<RunningNetwork> {
  const running: Running = {
    members: new Map(),
    agents: new Map(),
    localSwitch: undefined,
    price: undefined,
  };
  const stop = () => stopAll(running);
  try {
    const { description, control } = await start(options, running);
    const restartControlPlane = async () => {
      const { member, ready } = startControlPlane(control);
      running.members.set(member.name, member);
      await ready;
    };
    const restartAgent = async (node: string) => {
      const spec = running.agents.get(node);
      if (spec === undefined) throw new RangeError(`no node is called ${node}`);
      running.members.set(node, startAgent(spec));
    };
    return {
      description,
      member: (name) => running.members.get(name),
      restartControlPlane,
      restartAgent,
      stop,
    };
  } catch (error) {
    const reports = await stop();
    if (options.signal?.aborted) throw new EndedWhileStarting(reports);
    throw error;
  }
}

/** The start was broken off by its signal; what had been started until then has ended again. */
export class EndedWhileStarting extends Error {
  override readonly name = "EndedWhileStarting";
  readonly reports: StopReport[];

  constructor(reports: StopReport[]) {
    super("told to end while the network was starting");
    this.reports = reports;
  }
}

type Running = {
  members: Map<string, Member>;
  agents: Map<string, AgentSpec>;
  localSwitch: LocalSwitch | undefined;
  price: SimulatedPrice | undefined;
};

async function start(options: NetworkOptions, running: Running) {
  const { stateFolder, signal, onProgress = () => {} } = options;
  await prepareStateFolder(stateFolder);
  const keys = await openNetworkKeys(stateFolder);
  const goOn = (part: StartProgress["part"], message: string) => {
    signal?.throwIfAborted();
    onProgress({ part, message });
  };

  goOn("chain", "starting a Solana network of this machine");
  const authority = keys.authority.address;
  const chain = await startChain({
    ...{ stateFolder, port: options.rpcPort, upgradeAuthority: authority },
    movableClock: options.movableClock === true,
  });
  running.members.set("chain", chain.member);
  const minimumSeconds = options.minimumSeconds ?? MINIMUM_SECONDS;
  const initialise = async () => {
    await requestSol(chain.rpcUrl, authority, 10);
    await requestSol(chain.rpcUrl, keys.payer.address, 100);
    // A wallet below rent exemption could not take a fee in SOL.
    await requestSol(chain.rpcUrl, keys.treasury.address, 1);
    await initialiseNetwork(chain, keys, minimumSeconds);
    goOn(
      "chain",
      `${chain.rpcUrl}, escrow program initialised: fee 2 %, at least ${minimumSeconds} s billed`,
    );
  };
  const port = options.port === 0 ? await freePort() : options.port;
  const { address: priceAccount } = await openKey(stateFolder, "sol-price");
  running.price = await postSimulatedPrice(chain.rpcUrl, priceAccount, systemClock);
  const { rpcUrl, wsUrl } = chain;
  const control = { stateFolder, port, rpcUrl, wsUrl, solPriceAccount: priceAccount };
  // The control plane waits by itself for what is being initialised.
  const started = startControlPlane(control);
  running.members.set("control-plane", started.member);
  const [{ url }] = await Promise.all([started.ready, initialise()]);
  goOn("control-plane", `${url}, on PGlite`);

  const suppliers = options.suppliers ?? (await suppliersHere(stateFolder));
  const ionet = createIonet({ url });
  const enrolled = await enrolSuppliers({ stateFolder, ionet, rpcUrl: chain.rpcUrl, suppliers });
  goOn("suppliers", enrolled.map(({ supplier }) => `${supplier.name} (${supplier.kind})`).join(", "));

  const confinement = options.loopback
    ? ({ kind: "loopback", why: "Loopback was asked for." } as const)
    : await detectConfinement();
  await startAgents(enrolled, { stateFolder, url, confinement: confinement.kind, running });
  goOn("agents", `${running.agents.size} processes; ${confinementText(confinement)}`);
  const idle = await waitForOffers(ionet, enrolled, running, {
    say: (message) => goOn("agents", message),
    ...(signal ? { signal } : {}),
  });
  goOn("agents", idle.length === 0 ? "every node is for hire" : `all but ${idle.join(", ")} are for hire`);

  const own = identify(process.pid);
  if (own === undefined) throw new Error("this process is not to be found");
  const description: NetworkDescription = {
    stateFolder,
    url,
    rpcUrl: chain.rpcUrl,
    wsUrl: chain.wsUrl,
    genesisHash: chain.genesisHash,
    usdcMint: chain.mints.USDC,
    treasury: keys.treasury.address,
    confinement,
    suppliers: enrolled.map(({ supplier, wallet, keypair, nodes }) => ({
      ...{ name: supplier.name, kind: supplier.kind, country: supplier.country, wallet, keypair },
      nodes: nodes.map(({ node, nodeId }) => ({ ...node, nodeId })),
    })),
    keeper: own,
    processes: [...running.members.values()].map(({ name, log, process: { pid, startTime } }) => ({
      ...{ name, pid, startTime, log },
    })),
  };
  await writeDescription(description);
  return { description, control };
}

/** Keys stay; the rest is of a Solana network that ended with its process, and so begins anew. */
async function prepareStateFolder(stateFolder: string): Promise<void> {
  for (const name of ["database", "agents", "logs", "network.json"]) {
    await rm(join(stateFolder, name), { recursive: true, force: true });
  }
  await mkdir(join(stateFolder, "logs"), { recursive: true, mode: 0o700 });
}

type AgentsPlan = {
  stateFolder: string;
  url: string;
  confinement: "namespace" | "loopback";
  running: Running;
};

async function startAgents(enrolled: readonly EnrolledSupplier[], plan: AgentsPlan): Promise<void> {
  const { stateFolder, url, running } = plan;
  const nodes = enrolled.flatMap(({ supplier, nodes }) => nodes.map(({ node }) => ({ supplier, node })));
  if (plan.confinement === "namespace") {
    running.localSwitch = await startLocalSwitch({ nodes: nodes.length });
  }
  for (const [index, { supplier, node }] of nodes.entries()) {
    const switchMember = running.localSwitch?.members[index];
    // 127.0.0.1 itself is not for Ray, which would take the outer interface instead.
    const place = switchMember ? { switchMember } : { address: `127.0.0.${index + 2}` };
    const spec = { stateFolder, url, supplier, node, place };
    running.agents.set(node.name, spec);
    running.members.set(node.name, startAgent(spec));
  }
}

const confinementText = (confinement: NetworkDescription["confinement"]) =>
  confinement.kind === "namespace"
    ? "Ray in network namespaces: its ports are closed to the outside"
    : `Ray on loopback, its ports open on this machine's interfaces, behind a token. ${confinement.why}`;

/** How long simulated nodes may take: the first preparation of Ray on a slow line is the longest part. */
const OFFERS_LIMIT_MS = 600_000;
/** How often the person who waits is told what for. */
const REMINDER_MS = 15_000;

/**
 * Waits until every simulated node is for hire; a real machine that can't be is not waited for. Returns the names of
 * those that are not. Says now and then what it waits for, and gives up after ten minutes with the node's last words.
 */
async function waitForOffers(
  ionet: Ionet,
  enrolled: readonly EnrolledSupplier[],
  running: Running,
  { say, signal }: { say: (message: string) => void; signal?: AbortSignal },
): Promise<string[]> {
  const nodes = enrolled.flatMap((supplier) => supplier.nodes);
  let waitedMs = 0;
  for (;;) {
    signal?.throwIfAborted();
    const { items } = await ionet.searchOffers({ query: { limit: 200 } });
    const offered = new Set(items.map((offer) => offer.nodeId));
    const missing = nodes.filter(({ nodeId }) => !offered.has(nodeId));
    const needed = missing.filter(({ node }) => node.simulated !== null);
    if (needed.length === 0 && (missing.length === 0 || waitedMs >= REMINDER_MS)) {
      return missing.map(({ node }) => node.name);
    }
    for (const name of running.agents.keys()) await throwIfEnded(running.members.get(name));
    const [first] = missing;
    const member = first && running.members.get(first.node.name);
    if (member && waitedMs >= OFFERS_LIMIT_MS) throw await member.failure();
    await pause(POLL_MS, signal);
    waitedMs += POLL_MS;
    if (member && waitedMs % REMINDER_MS === 0) {
      say(
        `still waiting for ${missing.map(({ node }) => node.name).join(", ")}; what it says: ${member.log}`,
      );
    }
  }
}

const POLL_MS = 250;

/** An agent that has ended rejects with its last words. */
async function throwIfEnded(member: Member | undefined): Promise<void> {
  if (member === undefined) return;
  const ended = await Promise.race([member.exited.then(() => true), pause(0).then(() => false)]);
  if (ended) throw await member.failure();
}

/** Agents first, so that they end their leases cleanly; then the control plane; the chain last. */
async function stopAll({ members, agents, localSwitch, price }: Running): Promise<StopReport[]> {
  const stopNamed = async (names: readonly string[]) => {
    const present = names.flatMap((name) => members.get(name) ?? []);
    return Promise.all(present.map((member) => member.stop()));
  };
  await price?.stop();
  const reports = [
    ...(await stopNamed([...agents.keys()])),
    ...(await stopNamed(["control-plane"])),
    ...(await stopNamed(["chain"])),
  ];
  await localSwitch?.stop();
  return reports;
}
