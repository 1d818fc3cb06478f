import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LockHeld, takeLock, withLock } from "./lock-file.ts";
import { identify } from "./process-identity.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ionet-lock-"));
  path = join(folder, "lock");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const MARK = "00000000-0000-4000-8000-000000000000";
const OTHER_MARK = "00000000-0000-4000-8000-000000000001";
const dead = (mark: string) => JSON.stringify({ pid: 2 ** 22 + 1, startTime: "x", mark });

/** A process of its own that holds the lock until it is killed. */
async function startHolder() {
  const module = new URL("./lock-file.ts", import.meta.url).href;
  const program = `
    const { takeLock } = await import(${JSON.stringify(module)});
    await takeLock(process.argv[1]);
    console.log("held");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program, path]);
  await once(child.stdout, "data");
  return child;
}

test("a lock is one process's until it gives it back, and then nothing is left", async () => {
  const lock = await takeLock(path);
  await expect(takeLock(path)).rejects.toThrow(LockHeld);
  await expect(takeLock(path)).rejects.toMatchObject({ holder: identify(process.pid) });
  await lock.release();
  await (await takeLock(path)).release();
  expect(await readdir(folder)).toEqual([]);
});

test("another process's lock is refused while it lives, and taken over once it was killed", async () => {
  const holder = await startHolder();
  await expect(takeLock(path)).rejects.toMatchObject({ holder: { pid: holder.pid } });
  holder.kill("SIGKILL");
  await once(holder, "exit");
  await (await takeLock(path)).release();
  expect(await readdir(folder)).toEqual([]);
});

test.each([
  ["of a process that is gone", dead(MARK)],
  [
    "whose pid belongs to a younger process now",
    JSON.stringify({ pid: process.pid, startTime: "1", mark: MARK }),
  ],
  ["that was written by half", "half a fi"],
  ["that a crash left empty", ""],
  ["of something else", JSON.stringify({ pid: process.pid, mark: "../../x" })],
])("a lock %s is taken over", async (_, text) => {
  writeFileSync(path, text);
  await (await takeLock(path)).release();
  expect(await readdir(folder)).toEqual([]);
});

test("a lock is taken over also when the process that was taking it over was killed", async () => {
  writeFileSync(path, dead(MARK));
  writeFileSync(`${path}.${MARK}`, dead(OTHER_MARK));
  await (await takeLock(path)).release();
  expect(await readdir(folder)).toEqual([]);
});

test("of many that find a dead process's lock at once, one takes it", async () => {
  for (let round = 0; round < 20; round++) {
    writeFileSync(path, dead(MARK));
    const taken = await Promise.allSettled(Array.from({ length: 10 }, () => takeLock(path)));
    const locks = taken.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    expect(locks).toHaveLength(1);
    for (const one of taken) if (one.status === "rejected") expect(one.reason).toBeInstanceOf(LockHeld);
    await locks[0]?.release();
  }
  expect(await readdir(folder)).toEqual([]);
});

test("who lost its lock to somebody else does not give that one's back", async () => {
  const lock = await takeLock(path);
  writeFileSync(path, dead(MARK));
  await lock.release();
  expect(readFileSync(path, "utf8")).toBe(dead(MARK));
});

test("of several that work behind one lock, one works at a time", async () => {
  let working = 0;
  let most = 0;
  const work = () =>
    withLock(path, {}, async () => {
      working++;
      most = Math.max(most, working);
      await sleep(20);
      working--;
    });
  await Promise.all([work(), work(), work()]);
  expect(most).toBe(1);
  expect(await readdir(folder)).toEqual([]);
});

test("who waits is told whom it waits for, and goes on when that one was killed", async () => {
  const holder = await startHolder();
  const waitedFor: number[] = [];
  const onWait = ({ pid }: { pid: number }) => {
    waitedFor.push(pid);
    holder.kill("SIGKILL");
  };
  expect(await withLock(path, { onWait }, async () => "done")).toBe("done");
  expect(waitedFor).toEqual([holder.pid]);
});

test("who waits can be cancelled", async () => {
  const lock = await takeLock(path);
  const cancel = new AbortController();
  const options = { signal: cancel.signal, onWait: () => cancel.abort() };
  await expect(withLock(path, options, async () => "done")).rejects.toThrow(/abort/i);
  expect(await readdir(folder)).toEqual(["lock"]);
  await lock.release();
});
