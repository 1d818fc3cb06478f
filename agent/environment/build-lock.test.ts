import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withBuildLock } from "./build-lock.ts";
import { processStartTime } from "./process-start-time.ts";

const makeFolder = () => mkdtemp(join(tmpdir(), "ionet-lock-"));

test("of several that build at once, one works at a time, and nothing is left", async () => {
  const folder = await makeFolder();
  let working = 0;
  let most = 0;
  const build = () =>
    withBuildLock(join(folder, "lock"), {}, async () => {
      working++;
      most = Math.max(most, working);
      await new Promise((resolve) => setTimeout(resolve, 20));
      working--;
    });
  await Promise.all([build(), build(), build()]);
  expect(most).toBe(1);
  expect(await readdir(folder)).toEqual([]);
});

test("the lock of a process that was killed is taken over", async () => {
  const folder = await makeFolder();
  const holder = spawn("sleep", ["60"]);
  await once(holder, "spawn");
  await writeFile(join(folder, "lock"), `${holder.pid} ${processStartTime(holder.pid ?? 0)}`);
  let isHolderGone = false;
  const waited = withBuildLock(
    join(folder, "lock"),
    { onWait: () => holder.kill("SIGKILL") },
    async () => isHolderGone,
  );
  holder.once("exit", () => {
    isHolderGone = true;
  });
  expect(await waited).toBe(true);
});

test("a lock whose pid belongs to a younger process now is taken over", async () => {
  const folder = await makeFolder();
  await writeFile(join(folder, "lock"), `${process.pid} 1`);
  expect(await withBuildLock(join(folder, "lock"), {}, async () => "built")).toBe("built");
});

test("who waits can be cancelled", async () => {
  const folder = await makeFolder();
  await writeFile(join(folder, "lock"), `${process.pid} ${processStartTime(process.pid)}`);
  const cancel = new AbortController();
  const options = { signal: cancel.signal, onWait: () => cancel.abort() };
  await expect(withBuildLock(join(folder, "lock"), options, async () => "built")).rejects.toThrow(/abort/i);
  expect(await readdir(folder)).toEqual(["lock"]);
});
