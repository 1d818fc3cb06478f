import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { defaultCacheFolder, requireFreeSpace } from "./cache-folder.ts";
import { prepareEnvironment } from "./prepare-environment.ts";
import { type CommandResult, type RunCommand, runCommand } from "./run-command.ts";

const makeFolder = () => mkdtemp(join(tmpdir(), "ionet-environment-"));
const missing: CommandResult = { code: undefined, stdout: "", stderr: "", notStarted: "ENOENT" };

/** This machine with some of its programs answering otherwise. */
const machine =
  (change: (command: readonly string[]) => Partial<CommandResult> | undefined): RunCommand =>
  async (command, options) => {
    const changed = change(command);
    return changed ? { code: 0, stdout: "", stderr: "", ...changed } : runCommand(command, options);
  };

const python = (answer: object) => ({
  stdout: JSON.stringify({
    executable: "/usr/bin/python3",
    version: "3.11.2",
    basePrefix: "/usr",
    hasPip: true,
    hasVenv: true,
    ...answer,
  }),
});
const isQuestion = (command: readonly string[]) => command.includes("-I");

test("a machine without Python is told which it needs", async () => {
  const run = machine((command) => (isQuestion(command) ? missing : undefined));
  await expect(prepareEnvironment({ cacheFolder: await makeFolder(), run })).rejects.toMatchObject({
    code: "python-missing",
    message: expect.stringContaining("Python 3.10 to 3.14"),
  });
});

test("a Python that Ray has no build for is named", async () => {
  const run = machine((command) => {
    if (!isQuestion(command)) return undefined;
    return command[0] === "python3" ? python({ version: "3.9.18" }) : missing;
  });
  await expect(prepareEnvironment({ cacheFolder: await makeFolder(), run })).rejects.toMatchObject({
    code: "python-too-old",
    message: expect.stringContaining("python3 is 3.9.18"),
  });
});

test("a Python with neither pip nor venv, and no uv, is told what to install", async () => {
  const run = machine((command) => {
    if (isQuestion(command)) return python({ hasPip: false, hasVenv: false });
    return missing;
  });
  await expect(prepareEnvironment({ cacheFolder: await makeFolder(), run })).rejects.toMatchObject({
    code: "venv-missing",
    message: expect.stringContaining("python3-venv"),
  });
});

test.each([
  ["install-failed", "error: Failed to fetch: dns error"],
  ["disk-full", "error: failed to write: No space left on device (os error 28)"],
])("an installation that fails is %s, and leaves nothing behind", async (code, stderr) => {
  const cacheFolder = await makeFolder();
  const run = machine((command) => {
    if (isQuestion(command)) return python({});
    if (command[1] === "--version") return {};
    return command[1] === "pip" ? { code: 2, stderr } : {};
  });
  await expect(prepareEnvironment({ cacheFolder, run })).rejects.toMatchObject({ code });
  expect(await readdir(cacheFolder)).toEqual([]);
});

test("a cache folder that cannot be made is said before anything is installed", async () => {
  const run = machine((command) => (isQuestion(command) ? python({}) : undefined));
  await expect(prepareEnvironment({ cacheFolder: "/dev/null/cache", run })).rejects.toMatchObject({
    code: "cache-unwritable",
  });
});

test("a disk without room is refused with what is free and what is needed", async () => {
  await expect(requireFreeSpace(tmpdir(), 1e18)).rejects.toMatchObject({ code: "disk-full" });
});

test("the cache folder follows IONET_CACHE, then XDG_CACHE_HOME, then the home folder", () => {
  expect(defaultCacheFolder({ IONET_CACHE: "/a", XDG_CACHE_HOME: "/b" }, "/h")).toBe("/a");
  expect(defaultCacheFolder({ XDG_CACHE_HOME: "/b" }, "/h")).toBe("/b/ionet");
  expect(defaultCacheFolder({}, "/h")).toBe("/h/.cache/ionet");
});

test("Ray is prepared once: the second call finds what the first made", async () => {
  const cacheFolder = defaultCacheFolder(process.env);
  const first = await prepareEnvironment({ cacheFolder });
  const stages: string[] = [];
  const second = await prepareEnvironment({ cacheFolder, onProgress: ({ stage }) => stages.push(stage) });
  expect(second).toEqual(first);
  expect(stages).toEqual(["python", "ready"]);
  const version = await runCommand([first.python, "-c", "import ray; print(ray.__version__)"]);
  expect(version.stdout.trim()).toBe(first.rayVersion);
}, 300_000);
