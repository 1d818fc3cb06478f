import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Python } from "./find-python.ts";
import { installProblem } from "./install-problem.ts";
import { machineProblem } from "./machine-problem.ts";
import type { RunCommand } from "./run-command.ts";

const REQUIREMENTS = fileURLToPath(new URL("./uv-requirements.txt", import.meta.url));
const PINNED = "0.13.9";

export type UvSearch = {
  cacheFolder: string;
  python: Python;
  run: RunCommand;
  onMessage: (message: string) => void;
  signal?: AbortSignal;
};

/**
 * The installer: `uv` from PATH, else the pinned one in the cache folder, put there with this machine's pip or venv.
 * Call it under the build lock. Throws `venv-missing` where Python has neither, `install-failed`, `disk-full`.
 */
export async function findUv(search: UvSearch): Promise<string> {
  const { run, python, cacheFolder } = search;
  if ((await run(["uv", "--version"], { timeoutMs: 20_000 })).code === 0) return "uv";
  const folder = join(cacheFolder, `uv-${PINNED}`);
  const uv = join(folder, "bin", "uv");
  if ((await run([uv, "--version"], { timeoutMs: 20_000 })).code === 0) return uv;
  if (!python.hasPip && !python.hasVenv) {
    throw machineProblem("venv-missing", {
      field: "python3",
      given: `${python.executable} has neither pip nor venv`,
      allowed: "one of them, or uv on PATH",
      next: "On Debian and Ubuntu: apt install python3-venv. Elsewhere: install uv. Then start again.",
    });
  }
  search.onMessage(`installing uv ${PINNED}`);
  const draft = `${folder}.building`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  const options = { timeoutMs: 180_000, ...(search.signal ? { signal: search.signal } : {}) };
  const fixed = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--quiet", "-r", REQUIREMENTS];
  let result = python.hasPip
    ? await run([python.executable, "-m", "pip", "install", "--target", draft, ...fixed], options)
    : await run([python.executable, "-m", "venv", draft], options);
  if (!python.hasPip && result.code === 0) {
    result = await run([join(draft, "bin", "python"), "-m", "pip", "install", ...fixed], options);
  }
  if (result.code !== 0) {
    await rm(draft, { recursive: true, force: true });
    throw installProblem("uv", result, search.signal);
  }
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder);
  return uv;
}
