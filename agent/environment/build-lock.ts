import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { processStartTime } from "./process-start-time.ts";

const WAIT_MS = 200;

/**
 * Runs `work` while this process holds the lock file at `path`. Others on the machine wait; a lock whose process is
 * gone (the pid is free, or belongs to a process started later) is taken over.
 */
export async function withBuildLock<T>(
  path: string,
  options: { signal?: AbortSignal; onWait?: (holder: number) => void },
  work: () => Promise<T>,
): Promise<T> {
  const mine = `${process.pid} ${processStartTime(process.pid) ?? ""}`;
  const draft = `${path}.${process.pid}.${sequence++}`;
  await writeFile(draft, mine);
  try {
    let told = false;
    // link() is the atomic "make it unless it is there", and the file is complete the moment it can be seen.
    while (!(await placed(draft, path))) {
      options.signal?.throwIfAborted();
      const text = await readFile(path, "utf8").catch(() => undefined);
      if (text !== undefined && !isHeld(text)) {
        await takeAway(path, text, draft);
        continue;
      }
      if (!told && text !== undefined) options.onWait?.(Number.parseInt(text, 10));
      told = true;
      await sleep(WAIT_MS, undefined, options.signal ? { signal: options.signal } : {});
    }
  } finally {
    await rm(draft, { force: true });
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

let sequence = 0;

const placed = (draft: string, path: string) =>
  link(draft, path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return false;
      throw error;
    },
  );

function isHeld(text: string): boolean {
  const [pid = "", startTime = ""] = text.split(" ");
  return startTime !== "" && processStartTime(Number(pid)) === startTime;
}

/** Of several that see a dead lock at once, rename() lets each take only what is there; a fresh lock is put back. */
async function takeAway(path: string, dead: string, draft: string): Promise<void> {
  const aside = `${draft}.dead`;
  try {
    await rename(path, aside);
    if ((await readFile(aside, "utf8")) !== dead) await link(aside, path).catch(() => undefined);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  } finally {
    await rm(aside, { force: true });
  }
}
