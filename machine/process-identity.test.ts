import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { identify, isAlive, signalProcess } from "./process-identity.ts";

test("a process is alive until it ends; its number alone names nobody", async () => {
  const child = spawn("sleep", ["60"]);
  await once(child, "spawn");
  const identity = identify(child.pid ?? 0);
  if (identity === undefined) throw new Error("no process was started");
  expect(isAlive(identity)).toBe(true);
  expect(isAlive({ ...identity, startTime: "earlier" })).toBe(false);
  signalProcess({ ...identity, startTime: "earlier" }, "SIGKILL");
  expect(isAlive(identity)).toBe(true);
  signalProcess(identity, "SIGKILL");
  await once(child, "exit");
  expect(isAlive(identity)).toBe(false);
  expect(identify(identity.pid)).toBe(undefined);
  signalProcess(identity, "SIGKILL");
});
