import { statfs } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { machineProblem } from "./machine-problem.ts";

/** Where what is prepared once and used often lives: $IONET_CACHE, else $XDG_CACHE_HOME/ionet, else ~/.cache/ionet. */
export function defaultCacheFolder(env: NodeJS.ProcessEnv, home: string = homedir()): string {
  if (env.IONET_CACHE) return env.IONET_CACHE;
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, "ionet");
  return join(home, ".cache", "ionet");
}

const MEBIBYTE = 1024 * 1024;

/** Refuses with `disk-full` when less than `bytes` can be written below `folder` by this user. */
export async function requireFreeSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= bytes) return;
  throw machineProblem("disk-full", {
    field: "free disk space",
    given: `${Math.floor(free / MEBIBYTE)} MiB at ${folder}`,
    allowed: `${Math.ceil(bytes / MEBIBYTE)} MiB for the Ray environment`,
    next: "Free some space, or set IONET_CACHE to a folder on a larger disk.",
  });
}
