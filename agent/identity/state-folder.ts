import { link, mkdir, readFile, rm, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { processStartTime } from "../environment/process-start-time.ts";
import { agentProblem } from "./agent-problem.ts";

const LOCK = "agent.lock";

/** A state folder held by this process alone. */
export type StateFolder = { path: string; release(): Promise<void> };

/**
 * Takes the folder for this agent; two agents in one would speak with one key and step on each other's leases. The lock
 * of a process that is gone is taken over. Throws `agent-already-running`, `state-folder-unusable`.
 */
export async function takeStateFolder(path: string): Promise<StateFolder> {
  const lock = join(path, LOCK);
  const draft = `${lock}.${process.pid}`;
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await writeFile(draft, `${process.pid} ${processStartTime(process.pid) ?? ""}`);
  } catch (error) {
    throw agentProblem(
      "state-folder-unusable",
      {
        field: "state folder",
        given: `${path}: ${error instanceof Error ? error.message : String(error)}`,
        allowed: "a folder this user can write to",
        next: "Name another folder with --state, or change its owner.",
      },
      { cause: error },
    );
  }
  try {
    if (!(await linked(draft, lock))) {
      const holder = await readFile(lock, "utf8").catch(() => "");
      if (isHeld(holder)) throw alreadyRunning(path, holder);
      await rm(lock, { force: true });
      // Of several that saw the dead lock at once, link() lets one win.
      if (!(await linked(draft, lock)))
        throw alreadyRunning(path, await readFile(lock, "utf8").catch(() => ""));
    }
  } finally {
    await unlink(draft).catch(() => undefined);
  }
  return { path, release: () => rm(lock, { force: true }) };
}

/** link() makes the lock unless it is there, whole from the first moment. */
const linked = (draft: string, lock: string) =>
  link(draft, lock).then(
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

const alreadyRunning = (path: string, holder: string) =>
  agentProblem("agent-already-running", {
    field: "state folder",
    given: `${path} is held by the agent with process id ${holder.split(" ")[0]}`,
    allowed: "one agent in one state folder",
    next: "End that agent first, or give this one a folder of its own with --state.",
  });
