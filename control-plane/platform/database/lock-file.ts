import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";

/*
 * PGlite does not keep a second process out of its folder, and two of them lose writes. So a folder stands behind a
 * lock file that names its holder. A pid alone is not enough: after a crash another process may have got the same one,
 * so the holder's start time stands beside it.
 */

const holderSchema = z.object({ pid: z.number().int().positive(), started: z.string(), mark: z.string() });
type Holder = z.infer<typeof holderSchema>;

/** Thrown when another live process holds the lock. */
export class DatabaseFolderInUse extends Error {
  override readonly name = "DatabaseFolderInUse";
  readonly code = "database-folder-in-use";

  constructor(path: string, pid: number) {
    super(
      `database-folder-in-use: process ${pid} holds ${path}. Stop that control plane first, give this one another ` +
        "folder in IONET_DATA, or set DATABASE_URL to a PostgreSQL server, which several control planes can share.",
    );
  }
}

/** When a process started, in words that no other process with the same pid shares. Null when there is no such process. */
function startOf(pid: number): string | null {
  try {
    if (process.platform === "linux") {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      // The name in brackets may hold anything; after it, the state is the first field and the start time the twentieth (proc(5)).
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (fields[0] === "Z") return null;
      return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}:${fields[19]}`;
    }
    const started = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
    return started === "" ? null : started;
  } catch {
    return null;
  }
}

function readHolder(path: string): Holder | null | "gone" {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return "gone";
  }
  try {
    const parsed = holderSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/**
 * Takes the lock at `path`, or throws DatabaseFolderInUse. A lock whose holder is dead is taken over.
 * @returns a function that gives the lock back; it does nothing when somebody else holds it by then
 */
export function takeLock(path: string): () => void {
  mkdirSync(dirname(path), { recursive: true });
  const mine: Holder = { pid: process.pid, started: startOf(process.pid) ?? "", mark: randomUUID() };
  for (;;) {
    try {
      writeFileSync(path, JSON.stringify(mine), { flag: "wx", mode: 0o600 });
      return () => {
        const holder = readHolder(path);
        if (holder !== "gone" && holder?.mark === mine.mark) rmSync(path, { force: true });
      };
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const holder = readHolder(path);
    if (holder === "gone") continue;
    if (holder !== null && startOf(holder.pid) === holder.started)
      throw new DatabaseFolderInUse(path, holder.pid);
    // Two processes may find the same dead holder: the file is moved aside, and looked at once more before it goes.
    const aside = `${path}.${mine.mark}`;
    try {
      renameSync(path, aside);
    } catch {
      continue;
    }
    const moved = readHolder(aside);
    if (moved !== "gone" && moved !== null && startOf(moved.pid) === moved.started) {
      renameSync(aside, path);
      throw new DatabaseFolderInUse(path, moved.pid);
    }
    rmSync(aside, { force: true });
  }
}
