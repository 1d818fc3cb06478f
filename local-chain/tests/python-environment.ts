import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const REQUIREMENTS = fileURLToPath(new URL("requirements.txt", import.meta.url));
const OLDEST_MINOR = 10;

/** The Python on this machine that the clients run on; undefined, or older than 3.10: none. */
export async function findPython(): Promise<string | undefined> {
  const question = "import sys; print(sys.version_info[0], sys.version_info[1])";
  for (const python of ["python3", "python3.13", "python3.12", "python3.11", "python3.10"]) {
    const answer = await run(python, ["-c", question]).catch(() => undefined);
    const [major = 0, minor = 0] = (answer?.stdout ?? "").split(" ").map(Number);
    if (major === 3 && minor >= OLDEST_MINOR) return python;
  }
  return undefined;
}

/**
 * A virtual environment with the pinned `solana` and `solders`, made in the cache folder when it is not there yet.
 *
 * @returns its interpreter
 */
export async function prepareClients(python: string): Promise<string> {
  const cache =
    process.env.IONET_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "ionet");
  const { stdout: version } = await run(python, ["--version"]);
  const key = createHash("sha256")
    .update(version)
    .update(await readFile(REQUIREMENTS))
    .digest("hex");
  const folder = join(cache, `solana-clients-${key.slice(0, 16)}`);
  const interpreter = join(folder, "bin", "python");
  if (await works(interpreter)) return interpreter;
  // Made under a name of its own and renamed when it is whole: other runs of these tests may be at the same.
  const draft = `${folder}.building.${process.pid}`;
  await mkdir(cache, { recursive: true });
  try {
    await install(python, draft);
    await rename(draft, folder).catch(async (fault: unknown) => {
      if (!(await works(interpreter))) throw fault;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return interpreter;
}

async function install(python: string, folder: string): Promise<void> {
  const interpreter = join(folder, "bin", "python");
  const pinned = ["--require-hashes", "--only-binary", ":all:", "-r", REQUIREMENTS];
  if (await works("uv")) {
    await run("uv", ["venv", "--quiet", "--relocatable", "--python", python, folder]);
    await run("uv", ["pip", "install", "--quiet", "--python", interpreter, ...pinned]);
  } else {
    await run(python, ["-m", "venv", folder]);
    await run(interpreter, ["-m", "pip", "install", "--quiet", "--no-deps", ...pinned]);
  }
}

async function works(program: string): Promise<boolean> {
  return await run(program, ["--version"]).then(
    () => true,
    () => false,
  );
}
