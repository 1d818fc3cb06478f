/**
 * `npm test`: all tests, then the ten slowest files and one line `N passed, N failed, N skipped`. Words after `--`
 * narrow it, as vitest takes them; `-- related FILE` runs the tests that import a file, by however many steps. All tests
 * run in two lanes side by side: whole networks with real Ray mostly wait, and run one at a time; the others use what
 * they leave of the machine.
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { constants, setPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { closingLine, type LaneResult, readLane, slowestFiles } from "./test-report.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs vitest once. Of two lanes each says a file at a time, and draws nothing over what the other said. */
async function runLane(
  folder: string,
  name: string,
  args: readonly string[],
  sides: 1 | 2,
): Promise<LaneResult> {
  const report = join(folder, `${name}.json`);
  const child = spawn(
    process.execPath,
    [
      join(root, "node_modules/vitest/vitest.mjs"),
      ...(args[0] === "related" ? args : ["run", ...args]),
      ...["--run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
    ],
    {
      cwd: root,
      stdio: sides === 1 ? "inherit" : ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...(sides === 2 && process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}) },
    },
  );
  child.stdout?.pipe(process.stdout, { end: false });
  child.stderr?.pipe(process.stderr, { end: false });
  // What waits for answers within a time limit goes first.
  if (name === "unit" && child.pid !== undefined) {
    setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  }
  const code = await new Promise<number>((resolve) => child.on("exit", (status) => resolve(status ?? 1)));
  return readLane(report, code);
}

const words = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), "ionet-test-"));
const lanes =
  words.length === 0
    ? await Promise.all(["e2e", "unit"].map((name) => runLane(folder, name, ["--project", name], 2)))
    : [await runLane(folder, "all", words, 1)];
await rm(folder, { recursive: true, force: true });
console.log(`\nThe slowest files, in seconds:\n${slowestFiles(lanes, root).join("\n")}`);
console.log(`\n${closingLine(lanes)}`);
process.exitCode = lanes.every(({ code, failed }) => code === 0 && failed === 0) ? 0 : 1;
