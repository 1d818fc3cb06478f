import { z } from "zod";
import { machineProblem } from "./machine-problem.ts";
import type { RunCommand } from "./run-command.ts";

export type Python = {
  /** Absolute path of the interpreter. */
  executable: string;
  /** "3.11.7": all Ray nodes of a cluster need the same one. */
  version: string;
  /** Where the standard library lives; outside /usr for pyenv and the like. */
  basePrefix: string;
  hasPip: boolean;
  hasVenv: boolean;
};

const OLDEST_MINOR = 10;
/** Ray 2.60 has wheels for CPython 3.10 to 3.14. */
const NEWEST_MINOR = 14;
const NAMES = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];

const QUESTION = `
import importlib.util, json, os, sys
print(json.dumps({"executable": os.path.realpath(sys.executable), "version": "%d.%d.%d" % sys.version_info[:3],
  "basePrefix": os.path.realpath(sys.base_prefix),
  "hasPip": importlib.util.find_spec("pip") is not None,
  "hasVenv": importlib.util.find_spec("venv") is not None and importlib.util.find_spec("ensurepip") is not None}))`;

const answerSchema = z.object({
  executable: z.string().min(1),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  basePrefix: z.string().min(1),
  hasPip: z.boolean(),
  hasVenv: z.boolean(),
});

/**
 * The first Python on PATH that Ray runs on; `preferred` (a path) goes first. Throws `python-missing` or
 * `python-too-old` (also for one that is too new: the message says which were found).
 */
export async function findPython(options: { run: RunCommand; preferred?: string }): Promise<Python> {
  const found: string[] = [];
  for (const name of [...(options.preferred ? [options.preferred] : []), ...NAMES]) {
    const answer = await options.run([name, "-I", "-c", QUESTION], { timeoutMs: 20_000 });
    if (answer.notStarted !== undefined || answer.code !== 0) continue;
    const python = answerSchema.parse(JSON.parse(answer.stdout));
    const [major = 0, minor = 0] = python.version.split(".").map(Number);
    if (major === 3 && minor >= OLDEST_MINOR && minor <= NEWEST_MINOR) return python;
    found.push(`${name} is ${python.version}`);
  }
  const allowed = `Python 3.${OLDEST_MINOR} to 3.${NEWEST_MINOR}`;
  const next = "Install python3.11 or another of these, or name its path in IONET_PYTHON, and start again.";
  if (found.length === 0) {
    throw machineProblem("python-missing", {
      field: "python3",
      given: "none on PATH that starts",
      allowed,
      next,
    });
  }
  throw machineProblem("python-too-old", { field: "python3", given: found.join(", "), allowed, next });
}
