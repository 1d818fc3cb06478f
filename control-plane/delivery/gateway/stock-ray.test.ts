import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  defaultCacheFolder,
  detectConfinement,
  enrolAgent,
  type LocalSwitch,
  prepareEnvironment,
  startLocalSwitch,
} from "@ionet/agent";
import type { ClusterId, NodeId } from "@ionet/protocol";
import fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, it } from "vitest";
import { accountOf } from "../../platform/accounts/store.ts";
import type { Context } from "../../platform/context.ts";
import { createMetrics } from "../../platform/http/metrics.ts";
import { createServer } from "../../platform/http/server.ts";
import { createSignals } from "../../platform/signals.ts";
import { createEnrolmentToken } from "../../supply/nodes/enrolment-tokens.ts";
import { nodeRoutes } from "../../supply/nodes/routes.ts";
import { findNode } from "../../supply/nodes/store.ts";
import { reconcileClusters } from "../clusters/reconcile.ts";
import { stopCluster } from "../clusters/stop-cluster.ts";
import { eventsOf, findCluster } from "../clusters/store.ts";
import { openTestMarket, type TestMarket, walletNamed } from "../escrows/testing/market.ts";
import { createSync } from "../sync/routes.ts";
import { attachGateway } from "./attach-gateway.ts";
import { gatewayParts } from "./gateway-parts.ts";

/*
 * The whole way of an engineer's job, but for money: two agents as processes, real Ray, the gateway, and the stock `ray`
 * command of the environment that the agents prepared.
 */

const AGENT = fileURLToPath(new URL("../../../agent/main.ts", import.meta.url));
const NODES = 2;

let market: TestMarket;
let ctx: Context;
let server: FastifyInstance;
let url: string;
let folder: string;
let ray: string;
let localSwitch: LocalSwitch | undefined;
let clusterId: ClusterId;
let timer: NodeJS.Timeout;
const agents: { nodeId: NodeId; process: ChildProcess; log: () => string }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ionet-test-"));
  const environment = await prepareEnvironment({ cacheFolder: defaultCacheFolder(process.env) });
  ray = join(dirname(environment.python), "ray");
  market = await openTestMarket(Date.now());
  const signals = createSignals();
  ctx = {
    ...market.ctx,
    clock: { now: () => Date.now() },
    random: { bytes: (count) => new Uint8Array(randomBytes(count)) },
    nodeChanged: signals.nodeChanged,
  };
  const sync = createSync(ctx, signals.onNodeChanged);
  server = createServer({
    ctx,
    log: fastify({ logger: { level: "error" } }).log,
    handlers: { ...sync.handlers, ...nodeRoutes(ctx) },
    authenticate: async () => null,
    verifyNode: sync.verifyNode,
    metrics: createMetrics({}),
  });
  attachGateway(server, {
    ...gatewayParts(ctx, sync.verifyNode),
    authenticate: async (token) =>
      token === "engineer"
        ? { accountId: market.accountId, wallet: "w", scopes: ["rent"], by: "sign-in" }
        : token === "another"
          ? { accountId: market.id("account"), wallet: "x", scopes: ["rent"], by: "sign-in" }
          : null,
  });
  url = await server.listen({ port: 0, host: "127.0.0.1" });
  timer = setInterval(() => {
    reconcileClusters(ctx).catch((error: unknown) => console.error(error));
  }, 300);
  const confinement = await detectConfinement();
  if (confinement.kind === "namespace") localSwitch = await startLocalSwitch({ nodes: NODES });
  const wallet = walletNamed("supplier");
  const { id: accountId } = await accountOf(ctx, ctx.db, wallet);
  const caller = { accountId, wallet, scopes: ["supply" as const], by: "sign-in" as const };
  const terms = { supplierKind: "miner" as const, uses: NODES, expiresInSeconds: 600 };
  const { token } = await createEnrolmentToken(ctx, caller, terms);
  for (let place = 0; place < NODES; place++) {
    const state = join(folder, `node-${place}`);
    const { nodeId } = await enrolAgent({ stateFolder: state, controlPlane: url, token });
    agents.push(startAgent(nodeId, state, place));
  }
  await until("every node is ready", async () => {
    const nodes = await Promise.all(agents.map(({ nodeId }) => findNode(ctx, nodeId)));
    return nodes.every((node) => node?.readiness?.environment === "ready");
  });
  const key = generateKeyPairSync("ed25519").privateKey; // not used: the agents have their own
  ({ clusterId } = await market.fundedCluster(agents.map(({ nodeId: id }) => ({ id, wallet, key }))));
  await until("the cluster is ready", async () => (await stateOf()) === "ready", 90_000);
}, 240_000);

afterAll(async () => {
  for (const agent of agents) agent.process.kill("SIGTERM");
  await Promise.all(agents.map((agent) => exitOf(agent.process)));
  clearInterval(timer);
  await localSwitch?.stop();
  await server.close();
  await market.close();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

function startAgent(nodeId: NodeId, state: string, place: number) {
  const member = localSwitch?.members[place];
  const where = member
    ? ["--switch-member", `${member.pid}:${member.address}`]
    : ["--address", `127.0.0.${2 + place}`];
  const child = spawn(
    process.execPath,
    [
      AGENT,
      "run",
      "--state",
      state,
      "--price",
      "0.40",
      "--country",
      "DE",
      "--simulate-gpus",
      "1xA100-40GB",
      ...where,
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
  }
  return { nodeId, process: child, log: () => log };
}

const exitOf = (child: ChildProcess) =>
  new Promise<number | null>((resolve) => {
    if (child.exitCode !== null) resolve(child.exitCode);
    else child.once("exit", (code) => resolve(code));
  });
const stateOf = async () => (await findCluster(ctx, clusterId))?.cluster.state;
const phasesOf = async () =>
  (await findCluster(ctx, clusterId))?.leases.map(({ phase, reason }) => [phase, reason]);

async function until(what: string, is: () => Promise<boolean>, limitMs = 60_000): Promise<void> {
  for (const endMs = Date.now() + limitMs; Date.now() < endMs; ) {
    if (await is()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const events = clusterId === undefined ? [] : await eventsOf(ctx, clusterId);
  throw new Error(
    `not in time: ${what}\n${JSON.stringify(events)}\n${agents.map(({ log }) => log()).join("\n")}`,
  );
}

/** Runs the stock command; nothing of it knows of ionet but the address and the header. */
function rayCommand(args: string[], token = "engineer", signal?: AbortSignal) {
  const address = ["--address", `${url}/clusters/${clusterId}`];
  const headers = token === "" ? [] : ["--headers", JSON.stringify({ Authorization: `Bearer ${token}` })];
  const split = args.indexOf("--");
  const [before, after] = split < 0 ? [args, []] : [args.slice(0, split), args.slice(split)];
  return new Promise<{ code: number | null; text: string }>((resolve) => {
    const child = spawn(ray, [...before, ...address, ...headers, ...after], {
      env: { PATH: process.env.PATH, HOME: folder },
      stdio: ["ignore", "pipe", "pipe"],
      ...(signal ? { signal } : {}),
    });
    let text = "";
    child.on("error", () => {});
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
    }
    child.once("close", (code) => resolve({ code, text }));
  });
}

async function workFolder(name: string, files: Record<string, string>): Promise<string> {
  const work = join(folder, name);
  await mkdir(work);
  for (const [file, text] of Object.entries(files)) await writeFile(join(work, file), text);
  return work;
}

it("a stock `ray job submit` uploads its folder, runs on both nodes and follows the log to its end", async () => {
  const script = `
import ray, time
ray.init()
@ray.remote(num_gpus=1)
def where():
    time.sleep(1)
    return ray.get_runtime_context().get_node_id()
print("nodes", len(set(ray.get([where.remote() for _ in range(2)]))), open("data.txt").read())
`;
  const work = await workFolder("work", { "job.py": script, "data.txt": "uploaded with the job" });
  const { code, text } = await rayCommand(["job", "submit", "--working-dir", work, "--", "python", "job.py"]);
  expect(text).toContain("nodes 2 uploaded with the job");
  expect(text).toContain("succeeded");
  expect(code).toBe(0);
}, 120_000);

it("`ray job logs --follow` sees a running job, and `ray job stop` ends it", async () => {
  const work = await workFolder("ticking", {
    "tick.py": "import time\nfor i in range(600):\n    print('tick', i, flush=True)\n    time.sleep(0.5)\n",
  });
  const submit = ["job", "submit", "--no-wait", "--submission-id", "endless", "--working-dir", work];
  await rayCommand([...submit, "--", "python", "tick.py"]);
  const following = rayCommand(["job", "logs", "endless", "--follow"]);
  await until("the job runs", async () =>
    (await rayCommand(["job", "status", "endless"])).text.includes("RUNNING"),
  );
  expect((await rayCommand(["job", "stop", "endless"])).code).toBe(0);
  expect((await following).text).toContain("tick 0");
  expect((await rayCommand(["job", "status", "endless"])).text).toContain("was stopped");
}, 120_000);

it("without the engineer's token nothing passes, nor with another engineer's", async () => {
  expect((await rayCommand(["job", "list"], "")).text).toContain("gateway-bearer-required");
  expect((await rayCommand(["job", "list"], "another")).text).toContain("returned 404");
  expect((await rayCommand(["job", "list"])).text).toContain("endless");
}, 120_000);

it("neither the cluster's token nor the node's key is in a log or on a command line", async () => {
  const found = await findCluster(ctx, clusterId);
  const token = found?.cluster.rayToken ?? "none";
  expect(token).toMatch(/^[0-9a-f]{64}$/);
  for (const { log } of agents) expect(log()).not.toContain(token);
  const key = await readFile(join(folder, "node-0", "node-key.pem"), "utf8");
  expect(key).toContain("PRIVATE KEY");
  const commands = await new Promise<string>((resolve) => {
    const ps = spawn("ps", ["axww", "-o", "args"], { stdio: ["ignore", "pipe", "ignore"] });
    let text = "";
    ps.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    ps.once("close", () => resolve(text));
  });
  expect(commands).not.toContain(token);
});

it("an agent told to end ends its lease with a last word, and an engineer's stop ends the other", async () => {
  const [, worker] = agents;
  worker?.process.kill("SIGTERM");
  expect(worker && (await exitOf(worker.process))).toBe(0);
  expect((await phasesOf())?.[1]).toEqual(["ended", "supplier-withdrew"]);
  await until("the cluster is degraded", async () => (await stateOf()) === "degraded");
  await stopCluster(ctx, { accountId: market.accountId }, clusterId);
  await until("the head has stopped", async () => (await phasesOf())?.[0]?.[0] === "ended");
  expect((await phasesOf())?.[0]).toEqual(["ended", "stopped-by-engineer"]);
}, 60_000);
