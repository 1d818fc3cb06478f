/** What .ci/run runs once dependencies are there: tests on PGlite, store tests on PostgreSQL, checks. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { startPostgres } from "./postgres.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const total = { passed: 0, failed: 0 };

/** Runs a command, shows its output, and returns its exit code and the closing counts it printed, if any. */
async function run(
  command: string,
  env: Record<string, string> = {},
): Promise<{ code: number; output: string }> {
  console.log(`\n=== ${command}`);
  const child = spawn("bash", ["-c", command], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-200_000);
    process.stdout.write(chunk);
  });
  const code = await new Promise<number>((resolve) => child.on("close", (status) => resolve(status ?? 1)));
  return { code, output };
}

/** A command that counts its own tests on its last line. */
async function tests(command: string, env?: Record<string, string>): Promise<void> {
  const { code, output } = await run(command, env);
  const counts = [...output.matchAll(/^(\d+) passed, (\d+) failed/gm)].at(-1);
  if (counts === undefined) {
    total.failed += 1;
    return;
  }
  total.passed += Number(counts[1]);
  total.failed += Math.max(Number(counts[2]), code === 0 ? 0 : 1);
}

/** A command that either holds or does not. */
async function check(command: string): Promise<void> {
  const { code } = await run(command);
  if (code === 0) total.passed += 1;
  else {
    total.failed += 1;
    console.log(`ci: failed (exit ${code}): ${command}`);
  }
}

await tests("npm test --silent");
const postgres = await startPostgres(console.log);
if (postgres !== null) {
  // All that opens a database the way tests do. The others would be the same test a second time.
  await tests("npm test --silent -- related control-plane/platform/database/testing/database.ts", {
    TEST_DATABASE_URL: postgres.url,
  });
  await postgres.stop();
}
await tests("npm run --silent check");
await check("tools/build-kernels.sh --check");
await check("tools/build-programs.sh --check");
await check("tools/build-programs.sh --test");

console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
