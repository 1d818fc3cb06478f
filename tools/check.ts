/**
 * `npm run check`: all that can be judged without running the product, two at a time, each with its seconds; then one line
 * `N passed, N failed`. What fails shows what it printed.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

const checks: Readonly<Record<string, readonly string[]>> = {
  types: ["node_modules/typescript/bin/tsc", "--noEmit"],
  "types of the programs' tests": ["node_modules/typescript/bin/tsc", "--noEmit", "-p", "programs"],
  "format and lint": ["node_modules/@biomejs/biome/bin/biome", "check", "."],
  "unused code and dependencies": ["node_modules/knip/bin/knip.js", "--no-progress"],
  "arrows, conventions, documents": ["node_modules/vitest/vitest.mjs", "run", "tools", "--project", "unit"],
  "generated code": ["tools/generate.ts", "--check"],
};

async function judge(name: string, command: readonly string[]): Promise<boolean> {
  const began = performance.now();
  const child = spawn(process.execPath, command, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const code = await new Promise<number>((resolve) => child.on("close", (status) => resolve(status ?? 1)));
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${code === 0 ? "✓" : "✗"} ${name} (${seconds} s)`);
  if (code !== 0) console.log(output);
  return code === 0;
}

const began = performance.now();
const waiting = Object.entries(checks);
const results: boolean[] = [];
const worker = async () => {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
    results.push(await judge(...next));
};
await Promise.all([worker(), worker()]);
const passed = results.filter(Boolean).length;
console.log(`check: ${((performance.now() - began) / 1000).toFixed(1)} s`);
console.log(`${passed} passed, ${results.length - passed} failed`);
process.exitCode = passed === results.length ? 0 : 1;
