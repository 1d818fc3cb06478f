import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultCacheFolder, findPython, findUv, runCommand } from "@ionet/agent";
import { startNetwork } from "@ionet/cli";
import { createIonet, signIn } from "@ionet/sdk";
import { generateKeyPairSigner } from "@solana/kit";

/*
 * Calls a real control plane (PGlite, a local Solana network) as its OpenAPI document says and as it does not say:
 *   tools/node tools/schemathesis.ts [more arguments of `schemathesis run`]
 * The exit code is schemathesis'. Skips, and says so, where there is no Python that it runs on.
 */

const REQUIREMENTS = fileURLToPath(new URL("./schemathesis/requirements.txt", import.meta.url));
const PATTERNS = fileURLToPath(new URL("./schemathesis/patterns.py", import.meta.url));
const OLDEST_MINOR = 11;
/** Anonymous writes have a bucket of 300 a minute: what is beyond is a true 429, which the document declares. */
const BOUNDS = ["--seed", "11", "--workers", "1", "--max-examples", "10", "--request-timeout", "30"];

/** The folder of the environment with the pinned schemathesis; null, with a line said, where it can't be. */
async function environment(): Promise<string | null> {
  const preferred = process.env.IONET_PYTHON;
  const python = await findPython({ run: runCommand, ...(preferred ? { preferred } : {}) }).catch(() => null);
  if (python === null || Number(python.version.split(".")[1]) < OLDEST_MINOR) {
    const found = python === null ? "none was found" : `found ${python.version}`;
    console.log(`schemathesis: skipped: it needs Python 3.${OLDEST_MINOR} or newer, ${found}`);
    return null;
  }
  const cacheFolder = defaultCacheFolder(process.env);
  const [, version = "none"] = /^schemathesis==(\S+)/m.exec(await readFile(REQUIREMENTS, "utf8")) ?? [];
  const folder = join(cacheFolder, `schemathesis-${version}-python-${python.version}`);
  if ((await runCommand([join(folder, "bin", "python"), "-c", "import schemathesis"])).code === 0)
    return folder;
  await mkdir(cacheFolder, { recursive: true });
  const uv = await findUv({ cacheFolder, python, run: runCommand, onMessage: console.log });
  await rm(folder, { recursive: true, force: true });
  await must([uv, "venv", "--quiet", "--python", python.executable, folder]);
  const target = ["--python", join(folder, "bin", "python"), "--require-hashes", "-r", REQUIREMENTS];
  await must([uv, "pip", "install", "--quiet", ...target]);
  return folder;
}

async function must(command: readonly string[]): Promise<void> {
  const { code, stderr, notStarted } = await runCommand(command);
  if (code !== 0) throw new Error(`${command.join(" ")}: ${notStarted ?? stderr}`);
}

/** Runs a program with our output; its exit code. */
const show = (program: string, args: readonly string[], cwd: string) =>
  new Promise<number>((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"], cwd });
    child.once("error", reject).once("close", (code) => resolve(code ?? 1));
  });

async function main(): Promise<number> {
  const folder = await environment();
  if (folder === null) return 0;
  const stateFolder = await mkdtemp(join(tmpdir(), "ionet-schemathesis-"));
  const network = await startNetwork({ stateFolder, port: 0, rpcPort: 0, suppliers: [], loopback: true });
  try {
    const { url } = network.description;
    const { ionet } = await signIn(createIonet({ url }), await generateKeyPairSigner());
    const document = `${url}/openapi.json`;
    const patterns = await show(join(folder, "bin", "python"), [PATTERNS, document], stateFolder);
    if (patterns !== 0) return patterns;
    const bearer = ["-H", `Authorization: Bearer ${ionet.token}`];
    const args = ["run", document, ...bearer, ...BOUNDS, ...process.argv.slice(2)];
    return await show(join(folder, "bin", "schemathesis"), args, stateFolder);
  } finally {
    await network.stop();
    await rm(stateFolder, { recursive: true, force: true });
  }
}

process.exitCode = await main();
