/**
 * `npm run bench -- NAME [--json]`: one benchmark, its peer beside it in the same run. Each lies with what it measures;
 * with --json it prints one JSON object as the only stdout.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const benchmarks: Readonly<Record<string, string>> = {
  cli: "bench/cli/main.ts",
  replay: "bench/replay/main.ts",
  reserve: "bench/reserve/main.ts",
  search: "bench/search/main.ts",
  settle: "programs/escrow/tests/bench/settle.ts",
};

const [name = "", ...rest] = process.argv.slice(2);
const script = benchmarks[name];
if (script === undefined) {
  const known = Object.keys(benchmarks).join(", ");
  console.error(`bench: there is no benchmark ${JSON.stringify(name)}; there are: ${known}`);
  process.exit(2);
}
const file = fileURLToPath(new URL(`../${script}`, import.meta.url));
const child = spawn(process.execPath, [file, ...rest], { stdio: "inherit" });
child.on("exit", (code) => {
  process.exitCode = code ?? 1;
});
