import { MachineProblem } from "../environment/machine-problem.ts";
import { type RunCommand, runCommand } from "../environment/run-command.ts";
import { startLocalSwitch } from "./local-switch.ts";

/** Which confinement this machine lets this user have, and a plain sentence why. */
export type ConfinementFinding = { kind: "namespace" | "loopback"; why: string };

const TOOLS: readonly { program: string; from: string }[] = [
  { program: "unshare", from: "util-linux" },
  { program: "nsenter", from: "util-linux" },
  { program: "ip", from: "iproute2" },
];

/** Finds out by making a small switch for real: only that says whether kernel, distribution and container allow it. */
export async function detectConfinement(options: { run?: RunCommand } = {}): Promise<ConfinementFinding> {
  const run = options.run ?? runCommand;
  for (const { program, from } of TOOLS) {
    const answer = await run([program, "-V"], { timeoutMs: 10_000 });
    if (answer.notStarted !== undefined) {
      return {
        kind: "loopback",
        why: `No network namespaces: the program ${program} (package ${from}) is missing.`,
      };
    }
  }
  try {
    const probe = await startLocalSwitch({ nodes: 1 });
    await probe.stop();
    return { kind: "namespace", why: "This user can make network namespaces." };
  } catch (error) {
    if (!(error instanceof MachineProblem)) throw error;
    return { kind: "loopback", why: `No network namespaces: ${error.context.given}` };
  }
}
