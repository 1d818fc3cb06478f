import { spawn } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { identify, isAlive, processesOf } from "@ionet/machine";
import { expect, test } from "vitest";
import { endLeftovers, recordRayNode } from "./leftovers.ts";

test("what a killed agent left running is ended by the next one, and a stranger with the same number is not", async () => {
  const left = spawn("sh", ["-c", "setsid sleep 300 & sleep 300"], {
    detached: true,
    stdio: "ignore",
    env: { PATH: process.env.PATH ?? "", IONET_RAY_NODE: "left" },
  });
  const stranger = spawn("sleep", ["300"], { detached: true, stdio: "ignore" });
  const root = identify(left.pid ?? 0);
  const other = identify(stranger.pid ?? 0);
  if (!root || !other) throw new Error("not started");
  while (processesOf({ roots: [root], mark: "IONET_RAY_NODE=left" }).length < 3) await sleep(20);
  const all = processesOf({ roots: [root], mark: "IONET_RAY_NODE=left" });
  const leaseFolder = await mkdtemp(join(tmpdir(), "ionet-left-"));
  await recordRayNode(leaseFolder, { ...root, mark: "IONET_RAY_NODE=left" });
  expect(await endLeftovers(leaseFolder)).toBe(3);
  expect(all.filter(isAlive)).toEqual([]);
  expect(await endLeftovers(leaseFolder)).toBe(0);
  await recordRayNode(leaseFolder, { pid: other.pid, startTime: "1", mark: "IONET_RAY_NODE=nobody" });
  expect(await endLeftovers(leaseFolder)).toBe(0);
  expect(isAlive(other)).toBe(true);
  stranger.kill("SIGKILL");
});
