import { readdirSync, readFileSync } from "node:fs";
import { identify, isAlive, type ProcessIdentity } from "./process-identity.ts";

/**
 * Every living process that descends from `roots`, is of a session that one of them leads, or whose first environment
 * holds `mark` ("NAME=value"), or that descends from such a one: also those that init has adopted, that gave themselves
 * another name (which overwrites their environment) or that made a session of their own. Linux only.
 */
export function processesOf(search: { roots: readonly ProcessIdentity[]; mark?: string }): ProcessIdentity[] {
  const parents = new Map<number, number>();
  const chosen = new Set(search.roots.filter(isAlive).map(({ pid }) => pid));
  // A session keeps its number from being used again; but when another process has that pid, the session is gone.
  const sessions = new Set(
    search.roots.filter((root) => isAlive(root) || !identify(root.pid)).map(({ pid }) => pid),
  );
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const kin = kinOf(Number(name));
    if (kin === undefined) continue;
    parents.set(Number(name), kin.parent);
    if (sessions.has(kin.session)) chosen.add(Number(name));
  }
  if (search.mark !== undefined) {
    for (const pid of parents.keys()) if (environmentOf(pid).includes(search.mark)) chosen.add(pid);
  }
  for (let grown = true; grown; ) {
    grown = false;
    for (const [pid, parent] of parents) {
      if (chosen.has(pid) || !chosen.has(parent)) continue;
      chosen.add(pid);
      grown = true;
    }
  }
  chosen.delete(process.pid);
  return [...chosen].flatMap((pid) => identify(pid) ?? []);
}

function kinOf(pid: number): { parent: number; session: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [, parent, , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { parent: Number(parent), session: Number(session) };
  } catch {
    return undefined;
  }
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}

/** The words a process was started with, or has given itself since; empty when it is gone. */
export function commandOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}
