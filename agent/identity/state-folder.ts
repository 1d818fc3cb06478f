import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { errorText, type Lock, LockHeld, takeLock } from "@ionet/machine";
import { agentProblem } from "./agent-problem.ts";

const LOCK = "agent.lock";

/** A state folder held by this process alone. */
export type StateFolder = Lock & { path: string };

/**
 * Takes the folder for this agent; two agents in one would speak with one key and step on each other's leases. The lock
 * of a process that is gone is taken over. Throws `agent-already-running`, `state-folder-unusable`.
 */
export async function takeStateFolder(path: string): Promise<StateFolder> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    return { path, ...(await takeLock(join(path, LOCK))) };
  } catch (error) {
    if (error instanceof LockHeld) {
      throw agentProblem("agent-already-running", {
        field: "state folder",
        given: `${path} is held by the agent with process id ${error.holder.pid}`,
        allowed: "one agent in one state folder",
        next: "End that agent first, or give this one a folder of its own with --state.",
      });
    }
    throw agentProblem(
      "state-folder-unusable",
      {
        field: "state folder",
        given: `${path}: ${errorText(error)}`,
        allowed: "a folder this user can write to",
        next: "Name another folder with --state, or change its owner.",
      },
      { cause: error },
    );
  }
}
