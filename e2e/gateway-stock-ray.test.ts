import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultCacheFolder, prepareEnvironment } from "@ionet/agent";
import type { Cluster } from "@ionet/protocol";
import { rent } from "@ionet/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openEngineer, openTestNetwork, type TestEngineer, type TestNetwork } from "./network.ts";

let network: TestNetwork;
let owner: TestEngineer;
let stranger: TestEngineer;
let cluster: Cluster;
let folder: string;
let rayCommand: string;

beforeAll(async () => {
  const environment = await prepareEnvironment({ cacheFolder: defaultCacheFolder(process.env) });
  rayCommand = join(environment.folder, "bin", "ray");
  folder = await mkdtemp(join(tmpdir(), "ionet-job-"));
  network = await openTestNetwork();
  owner = await openEngineer(network, "owner");
  stranger = await openEngineer(network, "stranger");
  const rented = await rent(owner.ionet, owner.signer, {
    gpuModel: "a100-40gb",
    gpuCount: 2,
    minSuppliers: 2,
    durationSeconds: 1200,
  });
  if (rented === null) throw new Error("nothing was rented");
  cluster = rented.cluster;
});
afterAll(async () => {
  await network?.close();
  await rm(folder, { recursive: true, force: true });
});

type Ran = { code: number; output: string };

/** Ray's own command, as an engineer types it. */
function ray(args: readonly string[], token: string | undefined, rest: readonly string[] = []): Promise<Ran> {
  const [group = "", verb = "", ...more] = args;
  const headers =
    token === undefined ? [] : ["--headers", JSON.stringify({ Authorization: `Bearer ${token}` })];
  const words = [group, verb, "--address", cluster.jobsAddress, ...headers, ...more, ...rest];
  const env = { ...process.env, HOME: folder, RAY_AUTH_MODE: "disabled" };
  return new Promise((resolve) => {
    execFile(rayCommand, words, { env, timeout: 120_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr });
    });
  });
}

test("the stock command submits a folder of the engineer's own, follows it, and reads its logs again", async () => {
  await writeFile(
    join(folder, "count.py"),
    "import ray\nray.init()\nprint('nodes', len(ray.nodes()), flush=True)\n",
  );
  const { token } = owner.ionet;
  const submit = ["job", "submit", "--submission-id", "mine", "--working-dir", folder];
  const submitted = await ray(submit, token, ["--", "python", "count.py"]);
  expect(submitted.output).toContain("nodes 2");
  expect(submitted.code).toBe(0);
  const logs = await ray(["job", "logs", "--follow", "mine"], token);
  expect(logs.output).toContain("nodes 2");
});

test("the stock command stops a job", async () => {
  const { token } = owner.ionet;
  const command = ["--", "python", "-c", "import time; time.sleep(600)"];
  const submitted = await ray(["job", "submit", "--submission-id", "long", "--no-wait"], token, command);
  expect(submitted.code, submitted.output).toBe(0);
  const stopped = await ray(["job", "stop", "long"], token);
  expect(stopped.output).toContain("was stopped");
});

test("without a token nothing gets in", async () => {
  const refused = await ray(["job", "submit"], undefined, ["--", "true"]);
  expect(refused.code).not.toBe(0);
  expect(refused.output).toMatch(/401|unauthenticated|bearer/i);
});

test("another engineer's token opens neither the jobs nor the cluster, and says nothing about it", async () => {
  const refused = await ray(["job", "list"], stranger.ionet.token);
  expect(refused.code).not.toBe(0);
  expect(refused.output).toMatch(/not-found|404/);
  const params = { clusterId: cluster.id };
  await expect(stranger.ionet.getCluster({ params })).rejects.toMatchObject({ code: "not-found" });
  await expect(stranger.ionet.stopCluster({ params })).rejects.toMatchObject({ code: "not-found" });
  expect((await owner.ionet.getCluster({ params })).state).toBe("ready");
});
