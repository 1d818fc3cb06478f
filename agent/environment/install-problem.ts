import { type MachineProblem, machineProblem } from "./machine-problem.ts";
import type { CommandResult } from "./run-command.ts";

/** What a failed installation means: the disk filled up, the caller cancelled, or anything else, told with its last words. */
export function installProblem(what: string, result: CommandResult, signal?: AbortSignal): MachineProblem {
  const words = `${result.stderr}\n${result.stdout}`.trim();
  if (signal?.aborted) {
    return machineProblem("cancelled", {
      field: what,
      given: "the installation was cancelled",
      allowed: "an installation that runs to its end",
      next: "Start again: nothing half-made is left.",
    });
  }
  if (/no space left on device|os error 28/i.test(words)) {
    return machineProblem("disk-full", {
      field: "free disk space",
      given: `the disk filled up while installing ${what}`,
      allowed: "1.5 GB for the Ray environment",
      next: "Free some space, or set IONET_CACHE to a folder on a larger disk, and start again.",
    });
  }
  const lastWords = words.split("\n").slice(-6).join(" | ").slice(-800);
  return machineProblem("install-failed", {
    field: what,
    given:
      lastWords === "" ? `no answer from the installer (${result.notStarted ?? "it was killed"})` : lastWords,
    allowed: "a package registry this machine reaches",
    next: "Check the network or the proxy and registry settings of pip and uv, and start again.",
  });
}
