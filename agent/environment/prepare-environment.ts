import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { errorText, type ProcessIdentity, withLock } from "@ionet/machine";
import { z } from "zod";
import { requireFreeSpace } from "./cache-folder.ts";
import { findPython, type Python } from "./find-python.ts";
import { findUv } from "./find-uv.ts";
import { installProblem } from "./install-problem.ts";
import { machineProblem } from "./machine-problem.ts";
import { type RunCommand, runCommand } from "./run-command.ts";

const REQUIREMENTS = fileURLToPath(new URL("./requirements.txt", import.meta.url));
/** 430 MB installed, its byte code, and the downloads beside it. */
const NEEDED_BYTES = 1_500_000_000;

const environmentSchema = z.object({
  /** Absolute path of the virtual environment's interpreter. */
  python: z.string(),
  rayVersion: z.string(),
  pythonVersion: z.string(),
  /** The virtual environment. */
  folder: z.string(),
  /** The standard library's prefix, which a sandbox must also show. */
  basePrefix: z.string(),
});

/** A Python in which the network's Ray runs. */
export type RayEnvironment = z.infer<typeof environmentSchema>;

export type EnvironmentProgress = {
  stage: "python" | "wait" | "installer" | "install" | "ready";
  message: string;
};

export type EnvironmentRequest = {
  cacheFolder: string;
  /** Path of a Python to prefer ($IONET_PYTHON). */
  preferredPython?: string;
  run?: RunCommand;
  onProgress?: (progress: EnvironmentProgress) => void;
  signal?: AbortSignal;
};

/**
 * The pinned Ray in a virtual environment of the cache folder, made when it is not there yet: seconds with a good
 * network, then milliseconds. Any number of agents may call it at once, and it may be killed anywhere: what stands under
 * its final name is whole. Throws MachineProblem: `python-missing`, `python-too-old`, `venv-missing`, `disk-full`,
 * `install-failed`, `cache-unwritable`, `cancelled`.
 */
export async function prepareEnvironment(request: EnvironmentRequest): Promise<RayEnvironment> {
  const { cacheFolder, run = runCommand, signal } = request;
  const tell = (stage: EnvironmentProgress["stage"], message: string) =>
    request.onProgress?.({ stage, message });
  const python = await findPython({
    run,
    ...(request.preferredPython ? { preferred: request.preferredPython } : {}),
  });
  tell("python", `Python ${python.version} at ${python.executable}`);
  const requirements = await readFile(REQUIREMENTS, "utf8");
  const rayVersion = /^ray==(\S+)/m.exec(requirements)?.[1] ?? "unknown";
  const folder = join(cacheFolder, `ray-${rayVersion}-py${python.version}-${keyOf(requirements, python)}`);
  const ready = await readyEnvironment(folder, run);
  if (ready) {
    tell("ready", `Ray ${rayVersion} is prepared`);
    return ready;
  }
  await makeCacheFolder(cacheFolder);
  const onWait = ({ pid }: ProcessIdentity) =>
    tell("wait", `another agent (process ${pid}) is preparing Ray; waiting for it`);
  return withLock(`${folder}.lock`, { onWait, ...(signal ? { signal } : {}) }, async () => {
    const madeMeanwhile = await readyEnvironment(folder, run);
    if (madeMeanwhile) return madeMeanwhile;
    for (const name of await readdir(cacheFolder)) {
      if (join(cacheFolder, name).startsWith(`${folder}.building`)) {
        await rm(join(cacheFolder, name), { recursive: true, force: true });
      }
    }
    await requireFreeSpace(cacheFolder, NEEDED_BYTES);
    tell("installer", "looking for uv");
    const onMessage = (message: string) => tell("installer", message);
    const uv = await findUv({ cacheFolder, python, run, onMessage, ...(signal ? { signal } : {}) });
    tell("install", `installing Ray ${rayVersion} (about 430 MB) into ${folder}`);
    const draft = `${folder}.building`;
    try {
      await install({ uv, draft, python, cacheFolder, run, onLine: (line) => tell("install", line), signal });
      const environment: RayEnvironment = {
        python: join(folder, "bin", "python"),
        rayVersion,
        pythonVersion: python.version,
        folder,
        basePrefix: python.basePrefix,
      };
      await writeFile(join(draft, "ionet-environment.json"), JSON.stringify(environment));
      await rm(folder, { recursive: true, force: true });
      await rename(draft, folder);
      tell("ready", `Ray ${rayVersion} is prepared`);
      return environment;
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  });
}

async function makeCacheFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw machineProblem("cache-unwritable", {
      field: "cache folder",
      given: errorText(error),
      allowed: "a folder this user can write to",
      next: "Set IONET_CACHE to such a folder, and start again.",
    });
  }
}

type Installation = {
  uv: string;
  draft: string;
  python: Python;
  cacheFolder: string;
  run: RunCommand;
  onLine: (line: string) => void;
  signal: AbortSignal | undefined;
};

async function install({ uv, draft, python, cacheFolder, run, onLine, signal }: Installation): Promise<void> {
  const env = {
    UV_CACHE_DIR: join(cacheFolder, "downloads"),
    ...process.env,
    UV_PYTHON_DOWNLOADS: "never",
    UV_NO_PROGRESS: "1",
    NO_COLOR: "1",
  };
  const options = { env, onLine, timeoutMs: 900_000, ...(signal ? { signal } : {}) };
  // Relocatable: it is made under a draft's name and renamed when it is whole.
  const made = await run(
    [uv, "venv", "--quiet", "--relocatable", "--python", python.executable, draft],
    options,
  );
  if (made.code !== 0) throw installProblem("virtual environment", made, signal);
  const target = ["--python", join(draft, "bin", "python")];
  const fixed = ["--require-hashes", "--only-binary", ":all:", "--compile-bytecode", "-r", REQUIREMENTS];
  const installed = await run([uv, "pip", "install", ...target, ...fixed], options);
  if (installed.code !== 0) throw installProblem("Ray", installed, signal);
}

const keyOf = (requirements: string, python: Python) =>
  createHash("sha256")
    .update(JSON.stringify([requirements, python.version, python.executable, process.arch]))
    .digest("hex")
    .slice(0, 12);

/** The environment in a folder when it is whole and its Python (which may have been removed since) still starts. */
async function readyEnvironment(folder: string, run: RunCommand): Promise<RayEnvironment | undefined> {
  const text = await readFile(join(folder, "ionet-environment.json"), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed = environmentSchema.safeParse(parseJson(text));
  if (!parsed.success) return undefined;
  const environment = parsed.data;
  const started = await run([environment.python, "-I", "-c", "pass"], { timeoutMs: 20_000 });
  return started.code === 0 ? environment : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
