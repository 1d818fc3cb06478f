import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { clusterSchema, requestEventSchema, type WaitingRequest } from "@ionet/protocol";
import { pause, waitForSettlement } from "@ionet/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openEngineer, openTestNetwork, type TestEngineer, type TestNetwork } from "./network.ts";

const MAIN = fileURLToPath(new URL("../tools/bundle/start.mjs", import.meta.url));
const LIMIT_MS = 120_000;

let network: TestNetwork;
let first: TestEngineer;
let second: TestEngineer;
beforeAll(async () => {
  network = await openTestNetwork();
  first = await openEngineer(network);
  second = await openEngineer(network, "second");
});
afterAll(() => network?.close());

/** `ionet …` of the second engineer, whose words can be waited for. */
function ionet(...args: string[]) {
  const child = spawn(
    process.execPath,
    [MAIN, "--url", network.description.url, "--keypair", second.keypair, ...args],
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return {
    /** Waits until it has said this. */
    async says(words: string) {
      const untilMs = Date.now() + LIMIT_MS;
      while (!`${stderr}${stdout}`.includes(words)) {
        if (Date.now() > untilMs || child.exitCode !== null)
          throw new Error(`never said ${words}: ${stderr}`);
        await pause(50);
      }
    },
    interrupt: () => child.kill("SIGINT"),
    kill: () => child.kill("SIGKILL"),
    result: async () => ({ code: await ended, stdout, stderr }),
  };
}

async function seen(
  { ionet }: TestEngineer,
  id: WaitingRequest["id"],
  state: WaitingRequest["state"],
): Promise<WaitingRequest> {
  for (;;) {
    const request = await ionet.getRequest({ params: { requestId: id } });
    if (request.state === state) return request;
    await pause(50);
  }
}

/** The first engineer holds all that there is. */
async function fillMarket(): Promise<WaitingRequest["id"]> {
  const { items } = await first.ionet.searchOffers({ query: { gpuModel: ["a100-40gb"] } });
  const all = items.reduce((count, offer) => count + offer.gpusFree, 0);
  const wanted = { gpuModel: "a100-40gb", gpuCount: all, durationSeconds: 600 };
  const waitUntil = new Date(Date.now() + 600_000).toISOString();
  const { id } = await first.ionet.createRequest({ body: { ...wanted, waitUntil } });
  await seen(first, id, "held");
  return id;
}

test("a full market, a command that waits, GPUs that come free: held, funded, a cluster that runs", async () => {
  const taken = await fillMarket();

  const gone = ionet("rent", "a100-40gb", "--wait", "10m", "--max-price", "1", "--yes");
  await gone.says("waiting, place 1");
  gone.interrupt();
  const interrupted = await gone.result();
  expect(interrupted.code).toBe(130);
  expect(interrupted.stderr).toContain("Ctrl-C cancels the request");
  expect(interrupted.stderr).toContain("cancelled; what was held is let go");

  const waits = ionet(
    "rent",
    "a100-40gb",
    "--for",
    "10m",
    "--wait",
    "10m",
    "--max-price",
    "1",
    "--yes",
    "--json",
  );
  await waits.says("free now: 0");
  await first.ionet.cancelRequest({ params: { requestId: taken } });
  await waits.says("held: res_");
  const { code, stdout, stderr } = await waits.result();
  expect([code, stderr]).toEqual([0, expect.stringContaining("ready: 1 joined")]);
  const cluster = clusterSchema.parse(JSON.parse(stdout));
  const requests = await second.ionet.listRequests();
  expect(requests.items.map(({ state }) => state)).toEqual(["fulfilled", "cancelled"]);
  await second.ionet.stopCluster({ params: { clusterId: cluster.id } });
  await waitForSettlement(second.ionet, cluster.id);
});

test("a command that was killed while it waited: another goes on with its request, and a control plane that is killed is waited for", async () => {
  const taken = await fillMarket();
  const waiting = ["rent", "a100-40gb", "--for", "10m", "--wait", "10m", "--max-price", "1", "--yes"];
  const killed = ionet(...waiting);
  await killed.says("waiting, place 1");
  killed.kill();
  await killed.result();
  const [request] = (await second.ionet.listRequests()).items;
  if (request === undefined) throw new Error("no request is left");
  const follows = ionet("requests", "events", request.id, "--follow", "--json");
  const resumed = ionet("requests", "resume", request.id, "--yes", "--json");
  await resumed.says("waiting, place 1");
  // Who is signed in waits for it; who is not yet ends.
  await follows.says("created");
  await network.member("control-plane")?.kill();
  await resumed.says("asked again in");
  await network.restartControlPlane();
  await first.ionet.cancelRequest({ params: { requestId: taken } });
  const { code, stdout, stderr } = await resumed.result();
  expect([code, stderr]).toEqual([0, expect.stringContaining("ready: 1 joined")]);
  const followed = await follows.result();
  const events = followed.stdout
    .trim()
    .split("\n")
    .map((line) => requestEventSchema.parse(JSON.parse(line)));
  expect(events.map(({ event }) => event).filter((event) => event !== "waits")).toEqual([
    "created",
    "held",
    "fulfilled",
  ]);
  const cluster = clusterSchema.parse(JSON.parse(stdout));
  await second.ionet.stopCluster({ params: { clusterId: cluster.id } });
  await waitForSettlement(second.ionet, cluster.id);
});
