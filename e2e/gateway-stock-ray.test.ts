import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultCacheFolder, prepareEnvironment } from "@ionet/agent";
import type { Cluster } from "@ionet/protocol";
import { rent } from "@ionet/sdk";
import { followLogs, readJob } from "@ionet/sdk/node";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Ran as IonetRan, ionetCommand } from "./command.ts";
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

/** `ionet submit` as the owner. */
const submit = (args: readonly string[], ...command: string[]): Promise<IonetRan> =>
  ionetCommand(["submit", cluster.id, ...args, "--", ...command], { IONET_CONFIG: owner.config });

/** What the job itself has printed: Ray's own lines come before it, or between. */
const printed = ({ stdout }: IonetRan): string =>
  stdout.replace(/^.*Runtime env is setting up\.\n/m, "").replace(/^Running entrypoint for job .*\n/m, "");

test("`ionet submit` packs what the stock command packs", async () => {
  const work = join(folder, "work");
  await mkdir(join(work, "outputs"), { recursive: true });
  await mkdir(join(work, "data"));
  await writeFile(join(folder, "linked.csv"), "1\n");
  await symlink("../linked.csv", join(work, "linked.csv"));
  await writeFile(join(work, ".gitignore"), "data/\n.env\n");
  await writeFile(join(work, "data", "x"), "");
  await writeFile(join(work, ".env"), "SECRET=1");
  const listing = "find . -type f -o -type d -empty | sort; cat linked.csv; echo x > outputs/x";
  const mine = await submit(["--working-dir", work], listing);
  expect(mine.code, mine.stderr).toBe(0);
  expect(printed(mine)).toBe("./.gitignore\n./linked.csv\n./outputs\n1\n");
  const stock = ["job", "submit", "--working-dir", work];
  const theirs = await ray(stock, owner.ionet.token, ["--", "sh", "-c", listing]);
  expect(theirs.output).toContain("./.gitignore\n./linked.csv\n./outputs\n1\n");
});

test("one quoted word is a line for a shell, and the command's exit code is the job's", async () => {
  const ran = await submit([], "A=1 python -c 'import os, sys; print(os.environ[\"A\"]); sys.exit(7)'");
  expect([ran.code, printed(ran)]).toEqual([7, "1\n"]);
});

test("output that is no UTF-8 is shown to its end, by our command and by the stock one", async () => {
  const code =
    "import sys, time; sys.stdout.buffer.write(b'a\\xffb\\n'); sys.stdout.flush(); time.sleep(1); print('end')";
  const mine = await submit(["--id", "raw"], "python", "-c", code);
  expect([mine.code, printed(mine)]).toEqual([0, "a\ufffdb\nend\n"]);
  expect(mine.stderr).toContain("1 byte of the output is no UTF-8");
  const { token } = owner.ionet;
  const followed = await ray(["job", "logs", "--follow", "raw"], token);
  expect([followed.code, followed.output]).toEqual([0, expect.stringContaining("a\ufffdb\nend")]);
  expect((await ray(["job", "logs", "raw"], token)).output).toContain("a\ufffdb\nend");
});

test("a name that no job can be followed by is refused, whoever sends it", async () => {
  const mine = await submit(["--id", ".."], "true");
  expect(mine.code).not.toBe(0);
  expect(mine.stderr).toMatch(/given: .*\.\..*allowed: .*next: /s);
  const stock = await ray(["job", "submit", "--submission-id", ".."], owner.ionet.token, ["--", "true"]);
  expect(stock.output).toContain("could not be followed or stopped");
  expect((await ray(["job", "list"], owner.ionet.token)).output).not.toContain("submission_id='..'");
});

test("a job that is there already is told in one sentence", async () => {
  const ran = await submit(["--id", "raw"], "true");
  expect(ran.stderr).toContain("Job with submission_id raw already exists");
  expect(ran.stderr).not.toMatch(/Traceback|is that of a control plane/);
});

test("a follower outlives a control plane that is killed, and misses no line", async () => {
  const lines = Array.from({ length: 12 }, (_, i) => `line ${i}\n`).join("");
  const code =
    "import sys, time; [print('line', i, flush=True) or time.sleep(1) for i in range(12)]; sys.exit(3)";
  const following = submit(["--id", "long-followed"], "python", "-c", code);
  const at = { jobsAddress: cluster.jobsAddress, token: owner.ionet.token ?? "" };
  await vi.waitFor(() => readJob(at, "long-followed"), { timeout: 60_000, interval: 200 });
  for await (const line of followLogs(at, "long-followed")) if (line === "line 1") break;
  await network.member("control-plane")?.kill();
  await network.restartControlPlane();
  const ran = await following;
  expect([ran.code, printed(ran)]).toEqual([3, lines]);
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
