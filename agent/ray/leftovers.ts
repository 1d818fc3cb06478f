import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, type ProcessIdentity, processesOf, signalProcess } from "@ionet/machine";
import { z } from "zod";

const FILE = "ray-node.json";

const recordSchema = z.object({
  pid: z.int().positive(),
  startTime: z.string(),
  mark: z.string(),
  rayFolder: z.string().optional(),
});

/** What is written down about a running Ray node, so that the next agent finds exactly its processes. */
export type RayNodeRecord = z.infer<typeof recordSchema>;

export const recordRayNode = (folder: string, record: RayNodeRecord) =>
  writeFile(join(folder, FILE), JSON.stringify(record), { mode: 0o600 });

export const forgetRayNode = (folder: string) => rm(join(folder, FILE), { force: true });

/**
 * Ends what a killed agent left running for the lease in `folder`: its Ray node with all it started, and nothing else.
 * Answers how many processes it ended. Call it before a lease's folder is used again, and for every folder at an agent's start.
 */
export async function endLeftovers(folder: string): Promise<number> {
  const text = await readFile(join(folder, FILE), "utf8").catch(() => undefined);
  const record = recordSchema.safeParse(text === undefined ? undefined : parseJson(text));
  if (!record.success) return 0;
  const { pid, startTime, mark, rayFolder } = record.data;
  const ended = await endProcesses({ roots: [{ pid, startTime }], mark });
  if (rayFolder !== undefined) await rm(rayFolder, { recursive: true, force: true });
  await forgetRayNode(folder);
  return ended;
}

/** Kills these processes and all that descend from them, looking again until none is left (those just being made, too). */
export async function endProcesses(search: {
  roots: readonly ProcessIdentity[];
  mark: string;
}): Promise<number> {
  const seen = new Map<string, ProcessIdentity>(
    search.roots.map((root) => [`${root.pid} ${root.startTime}`, root]),
  );
  const killed = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const found = processesOf({ roots: [...seen.values()], mark: search.mark });
    for (const one of found) seen.set(`${one.pid} ${one.startTime}`, one);
    const living = [...seen.values()].filter(isAlive);
    if (living.length === 0) break;
    for (const one of living) {
      signalProcess(one, "SIGKILL");
      killed.add(`${one.pid} ${one.startTime}`);
    }
    await sleep(PAUSE_MS);
  }
  return killed.size;
}

const ROUNDS = 100;
const PAUSE_MS = 50;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
