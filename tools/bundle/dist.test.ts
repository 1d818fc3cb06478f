import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleDist } from "./dist.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ionet-dist-"));
  await bundleDist(join(folder, "node_modules/ionet"));
});
afterAll(() => rm(folder, { recursive: true }));

type Ran = { code: number; stdout: string; stderr: string };
/** Runs a file of the bundle, or beside it, where no clone is. */
const run = (file: string, ...args: string[]) => runNode(join(folder, file), ...args);
const runNode = (...args: string[]) =>
  new Promise<Ran>((resolve) =>
    execFile(process.execPath, args, { cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    ),
  );
const ionet = (...args: string[]) => run("node_modules/ionet/ionet.mjs", ...args);

test("the bundled command runs where no clone and no package is", async () => {
  expect(await ionet("help")).toMatchObject({ code: 0, stdout: expect.stringContaining("search") });
  const searched = await ionet("search", "a100", "--url", "http://127.0.0.1:1");
  expect(searched).toMatchObject({ code: 1, stderr: expect.stringContaining("[unavailable]") });
});

test("a search reads nothing of Solana's and of the agent, though the bundle has both", async () => {
  const listen =
    "data:text/javascript," +
    encodeURIComponent(`
    import { registerHooks } from "node:module";
    registerHooks({ load(url, context, next) { console.log(url); return next(url, context); } });
  `);
  const main = join(folder, "node_modules/ionet/ionet.mjs");
  const { stdout } = await runNode("--import", listen, main, "search", "--url", "http://127.0.0.1:1");
  const parts = stdout.split("\n").filter((url) => url.startsWith("file:"));
  const texts = await Promise.all(parts.map((url) => readFile(fileURLToPath(url), "utf8")));
  // The bundler writes above each module where it lay.
  const modules = texts.flatMap((text) => text.match(/^\/\/ \S+\.\w+$/gm) ?? []);
  expect(modules).toContain("// sdk/client.ts");
  expect(modules.filter((module) => /@solana|^\/\/ (agent|chain)\//.test(module))).toEqual([]);
});

test("the bundled command signs, though it carries no package of Solana's beside it", async () => {
  const made = await ionet("wallet", "new", "wallet.json", "--json");
  expect(made).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(made.stdout).wallet).toMatch(/^[1-9A-HJ-NP-Za-km-z]{32,44}$/);
});

test("the bundled agent starts by its own command and by ionet's", async () => {
  const own = await run("node_modules/ionet/ionet-agent.mjs", "--help");
  expect(own).toMatchObject({ code: 0, stdout: expect.stringContaining("--price") });
  const through = await ionet("agent", "run", "--help");
  expect(through).toMatchObject({ code: 0, stdout: own.stdout });
});

test("the bundled SDK is imported by the package's name, and its part for Node beside it", async () => {
  await writeFile(
    join(folder, "engineer.mjs"),
    'import { createIonet } from "ionet";\nimport { submitJob } from "ionet/node";\nconsole.log(typeof submitJob, createIonet({ url: "http://127.0.0.1:1/" }).url);\n',
  );
  expect(await run("engineer.mjs")).toMatchObject({ code: 0, stdout: "function http://127.0.0.1:1\n" });
});

test.each([["demo"], ["network", "up"]])(
  "what runs from a clone only is refused before anything starts: %s",
  async (...words) => {
    expect(await ionet(...words, "--json")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('"code":"clone-needed"'),
    });
  },
);
