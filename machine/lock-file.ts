import { createHash, randomUUID } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { identify, isAlive, type ProcessIdentity } from "./process-identity.ts";

/*
 * A lock file names the process that holds it. It is as good as gone when that process is: kill -9 leaves it behind, and
 * the next one takes it over. The mark is of one taking alone.
 */
type Holder = ProcessIdentity & { mark: string };

/** Thrown where a living process holds the lock: this one, or another. */
export class LockHeld extends Error {
  override readonly name = "LockHeld";
  readonly holder: ProcessIdentity;

  constructor(path: string, holder: ProcessIdentity) {
    super(`process ${holder.pid} holds ${path}`);
    this.holder = holder;
  }
}

export type Lock = { release(): Promise<void> };

/** Takes the lock at `path`, whose folder is there. Throws LockHeld. */
export async function takeLock(path: string): Promise<Lock> {
  const { pid, startTime } = identify(process.pid) ?? { pid: process.pid, startTime: "" };
  const mine: Holder = { pid, startTime, mark: randomUUID() };
  const draft = `${path}.${mine.mark}`;
  try {
    await writeFile(draft, JSON.stringify(mine), { mode: 0o600 });
    await place(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
  return {
    release: async () => {
      if ((await readHolder(path))?.mark === mine.mark) await rm(path, { force: true });
    },
  };
}

const WAIT_MS = 200;

/** Runs `work` while this process holds the lock at `path`; waits while another does, which `onWait` is told once. */
export async function withLock<Result>(
  path: string,
  options: { signal?: AbortSignal; onWait?: (holder: ProcessIdentity) => void },
  work: () => Promise<Result>,
): Promise<Result> {
  const { signal } = options;
  let lock: Lock | undefined;
  for (let isTold = false; lock === undefined; ) {
    signal?.throwIfAborted();
    try {
      lock = await takeLock(path);
    } catch (error) {
      if (!(error instanceof LockHeld)) throw error;
      if (!isTold) options.onWait?.(error.holder);
      isTold = true;
      await sleep(WAIT_MS, undefined, signal ? { signal } : {});
    }
  }
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

/** Puts the draft at `path`, in the place of a dead holder's if need be. Throws LockHeld. */
async function place(draft: string, path: string): Promise<void> {
  // link() makes the lock unless one is there, and it is whole from the first moment.
  while (!(await linked(draft, path))) {
    const holder = await readHolder(path);
    if (holder === undefined) continue;
    if (isAlive(holder)) throw new LockHeld(path, holder);
    // Of several that find the same dead holder one may succeed it: who holds a lock named after its mark. Whoever comes
    // later finds another mark at the path.
    const succession = `${path}.${holder.mark}`;
    await place(draft, succession);
    try {
      if ((await readHolder(path))?.mark !== holder.mark) continue;
      await link(draft, `${draft}.new`);
      return await rename(`${draft}.new`, path);
    } finally {
      await rm(succession, { force: true });
    }
  }
}

const linked = (draft: string, path: string) =>
  link(draft, path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return false;
      throw error;
    },
  );

/** Undefined when there is no lock. One that can't be read, as a crash of the machine leaves it, is nobody's. */
async function readHolder(path: string): Promise<Holder | undefined> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  return (
    parseHolder(text) ?? { pid: 0, startTime: "", mark: createHash("sha256").update(text).digest("hex") }
  );
}

function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, startTime, mark }: Partial<Holder> = JSON.parse(text);
    const isWhole =
      typeof pid === "number" && typeof startTime === "string" && /^[0-9a-f-]{36}$/.test(mark ?? "");
    return isWhole && mark !== undefined ? { pid, startTime, mark } : undefined;
  } catch {
    return undefined;
  }
}
