import { readConfig, StartProblem } from "./config.ts";
import { DatabaseFolderInUse } from "./platform/database/folder-in-use.ts";
import { createLog } from "./platform/http/log.ts";
import { startControlPlane } from "./start.ts";

/*
 * The control plane as a process: settings come from the environment, logs go to stderr, and one JSON line on stdout
 * says that it is ready. SIGTERM and SIGINT end it; kill -9 is allowed at any moment.
 */

/** What is still under way after this is taken up again at the next start. */
const LONGEST_STOP_MS = 10_000;
const WASI_NO_SPACE = 51;

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLog(config.logLevel, process.stderr);
  const ending = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => ending.abort(name));
  const ended = new Promise<void>((resolve) => ending.signal.addEventListener("abort", () => resolve()));

  const controlPlane = await startControlPlane(config, { log, signal: ending.signal }).catch(
    (error: unknown) => {
      if (ending.signal.aborted) return null;
      throw error;
    },
  );
  if (controlPlane === null) return;
  process.stdout.write(`${JSON.stringify({ url: controlPlane.url })}\n`);
  log.info({ url: controlPlane.url, network: config.network, database: config.database.kind }, "ready");
  await ended;
  log.info({ signal: String(ending.signal.reason) }, "ending");
  setTimeout(() => process.exit(0), LONGEST_STOP_MS).unref();
  await controlPlane.stop();
}

main().catch((error: unknown) => {
  const known = error instanceof StartProblem || error instanceof DatabaseFolderInUse;
  const text =
    error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : describe(error);
  process.stderr.write(`${text}\n`);
  process.exit(1);
});

/** PGlite throws plain objects when its file system fails, with the error number of its own runtime. */
function describe(error: unknown): string {
  const isFull =
    typeof error === "object" && error !== null && "errno" in error && error.errno === WASI_NO_SPACE;
  return isFull
    ? "disk-full: there is no space left for the database. Free some, or set IONET_DATA to a folder on another disk."
    : `the control plane could not start: ${JSON.stringify(error)}`;
}
