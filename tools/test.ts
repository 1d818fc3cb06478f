/**
 * `npm test`: all tests, then one line `N passed, N failed, N skipped`. Names after `--` narrow it, as vitest takes them.
 * Unit and store tests run side by side first; whole networks (e2e/) one after the other.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "ionet-test-"));
const report = join(folder, "report.json");
const child = spawn(
  process.execPath,
  [
    join(root, "node_modules/vitest/vitest.mjs"),
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: "inherit" },
);
const code = await new Promise<number>((resolve) => child.on("exit", (status) => resolve(status ?? 1)));

type Report = {
  numPassedTests: number;
  numFailedTests: number;
  numFailedTestSuites: number;
  numPendingTests: number;
};
let counts = { passed: 0, failed: 1, skipped: 0 };
try {
  const read = JSON.parse(await readFile(report, "utf8")) as Report;
  // A file that could not even be loaded has no failed test, only a failed suite: it counts as one.
  const failed =
    read.numFailedTests === 0 && code !== 0 ? Math.max(1, read.numFailedTestSuites) : read.numFailedTests;
  counts = { passed: read.numPassedTests, failed, skipped: read.numPendingTests };
} catch (error) {
  console.error(`npm test: no report was written (${error instanceof Error ? error.message : error})`);
}
await rm(folder, { recursive: true, force: true });
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = code === 0 && counts.failed === 0 ? 0 : 1;
