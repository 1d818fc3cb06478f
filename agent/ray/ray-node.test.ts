import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, type ProcessIdentity, processesOf } from "@ionet/machine";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { defaultCacheFolder } from "../environment/cache-folder.ts";
import { prepareEnvironment, type RayEnvironment } from "../environment/prepare-environment.ts";
import type { Confinement } from "../overlay/confinement.ts";
import { detectConfinement } from "../overlay/detect-confinement.ts";
import { type LocalSwitch, startLocalSwitch } from "../overlay/local-switch.ts";
import { loopbackAddress, loopbackConfinement } from "../overlay/loopback-confinement.ts";
import { namespaceConfinement } from "../overlay/namespace-confinement.ts";
import { detectSandbox } from "../sandbox/detect-sandbox.ts";
import { noSandbox } from "../sandbox/no-sandbox.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { askRay } from "./ray-dashboard.ts";
import { type RayNode, startRayNode } from "./ray-node.ts";

const NODES = 3;
const TOKEN = "0f".repeat(32);
/** A block of loopback addresses, and with it of ports, that is this test's own. */
const FIRST_PLACE = 90;
const { kind } = await detectConfinement();

const WHERE = `import os, ray
ray.init(logging_level="ERROR")
@ray.remote(num_cpus=0, num_gpus=1, scheduling_strategy="SPREAD")
def where(): return ray.util.get_node_ip_address(), os.environ["CUDA_VISIBLE_DEVICES"]
print("SEEN", sorted(ray.get([where.remote() for _ in range(1)])))`;

const jobSchema = z.object({ status: z.string(), message: z.string().nullish() });

let environment: RayEnvironment;
let folder: string;
beforeAll(async () => {
  environment = await prepareEnvironment({ cacheFolder: defaultCacheFolder(process.env) });
  folder = await mkdtemp(join(tmpdir(), "ionet-ray-test-"));
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each([
  { name: "as confined and sandboxed as this machine lets it be", wantsBest: true },
  { name: "on loopback without a sandbox", wantsBest: false },
])("a Ray cluster of a head and two workers, $name", ({ wantsBest }) => {
  let network: LocalSwitch | undefined;
  let confinements: Confinement[];
  let sandbox: Sandbox;
  const nodes: RayNode[] = [];
  let processes: ProcessIdentity[] = [];

  beforeAll(async () => {
    if (wantsBest && kind === "namespace") {
      network = await startLocalSwitch({ nodes: NODES });
      confinements = network.members.map(namespaceConfinement);
    } else {
      confinements = Array.from({ length: NODES }, (_, i) =>
        loopbackConfinement(loopbackAddress(FIRST_PLACE + i)),
      );
    }
    const [confinement] = confinements;
    if (!confinement) throw new Error("no confinement");
    sandbox = wantsBest
      ? (await detectSandbox({ confinement, environment, folder: join(folder, "probe") })).sandbox
      : noSandbox;
  });
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    for (const confinement of confinements) await confinement.close();
    await network?.stop();
  });

  const node = (index: number) => {
    const found = nodes[index];
    if (!found) throw new Error(`no node ${index}`);
    return found;
  };
  const ask = (path: string, body?: string) =>
    askRay(node(0).dashboard, {
      path,
      token: TOKEN,
      ...(body === undefined ? {} : { method: "POST", body }),
    });

  test("forms, and its secret is in no process's arguments", async () => {
    const started = confinements.map((confinement, i) =>
      startRayNode({
        leaseId: `lease-${i}`,
        role: i === 0 ? "head" : "worker",
        address: confinement.address,
        headAddress: confinements[0]?.address ?? "",
        token: TOKEN,
        gpus: [{ index: 0, model: "a100-40gb" }],
        labels: { supplier: `s${i}` },
        folder: join(folder, `${wantsBest}`, `${i}`),
        environment,
        confinement,
        sandbox,
        clock: Date,
      }),
    );
    nodes.push(...(await Promise.all(started)));
    await Promise.all(nodes.map((one) => one.waitJoined()));
    const seen = await node(0).aliveRayNodes();
    expect(seen.filter(({ alive }) => alive).map(({ address }) => address)).toEqual(
      expect.arrayContaining(confinements.map(({ address }) => address)),
    );
    expect(seen.filter(({ isHead }) => isHead)).toHaveLength(1);
    expect(seen.map(({ leaseId }) => leaseId).sort()).toEqual(["lease-0", "lease-1", "lease-2"]);
    processes = processesOf({ roots: nodes.map((one) => one.process) });
    expect(processes.length).toBeGreaterThan(NODES * 3);
    const words = await Promise.all(
      processes.map(({ pid }) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
    );
    expect(words.join("\n")).not.toContain(TOKEN);
  }, 90_000);

  test("refuses who does not know its token", async () => {
    const answer = await askRay(node(0).dashboard, { path: "/api/jobs/", token: "wrong".repeat(8) });
    expect([401, 403]).toContain(answer.status);
  });

  test("runs a job that comes in over the head's dashboard, on GPUs that are simulated", async () => {
    const entrypoint = `python -c '${WHERE}'`;
    const submitted = await ask("/api/jobs/", JSON.stringify({ entrypoint, submission_id: "where" }));
    expect(submitted.status).toBe(200);
    let job = jobSchema.parse(JSON.parse((await ask("/api/jobs/where")).body));
    while (["PENDING", "RUNNING"].includes(job.status)) {
      await sleep(200);
      job = jobSchema.parse(JSON.parse((await ask("/api/jobs/where")).body));
    }
    const { body } = await ask("/api/jobs/where/logs");
    expect(job.status, body).toBe("SUCCEEDED");
    expect(body).toMatch(/SEEN .*simulated-0/);
  }, 90_000);

  test("sees the death of a worker that is killed, and the others live on", async () => {
    process.kill(node(1).process.pid, "SIGKILL");
    expect((await node(1).exited).reason).toBe("crashed");
    let seen = await node(0).aliveRayNodes();
    while (seen.filter(({ alive }) => alive).length > NODES - 1) {
      await sleep(200);
      seen = await node(0).aliveRayNodes();
    }
    expect(seen.find(({ alive }) => !alive)?.address).toBe(confinements[1]?.address);
  });

  test("stops, and leaves no process behind", async () => {
    processes.push(...processesOf({ roots: nodes.map((one) => one.process) }));
    await Promise.all(nodes.map((one) => one.stop()));
    expect((await node(0).exited).reason).toBe("stopped");
    expect(processes.filter(isAlive)).toEqual([]);
  });
});

test("a worker without a head gives up when it is told to, and says what is missing", async () => {
  const confinement = loopbackConfinement(loopbackAddress(FIRST_PLACE + 10));
  let now = 0;
  const worker = await startRayNode({
    leaseId: "lonely",
    role: "worker",
    address: confinement.address,
    headAddress: loopbackAddress(FIRST_PLACE + 11),
    token: TOKEN,
    gpus: [],
    labels: {},
    folder: join(folder, "lonely"),
    environment,
    confinement,
    sandbox: noSandbox,
    clock: { now: () => (now += 20_000) },
  });
  await expect(worker.waitJoined()).rejects.toMatchObject({ code: "ray-join-timeout" });
  await worker.stop();
  expect(isAlive(worker.process)).toBe(false);
});
