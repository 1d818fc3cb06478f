import { execFile } from "node:child_process";
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rooms } from "../arrows.ts";

const ours = fileURLToPath(new URL("../..", import.meta.url));
const needed = ["cli", "tools", ...(rooms.cli ?? [])];

let folder: string;
let clone: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ionet-clone-"));
  clone = join(folder, "clone");
  await mkdir(join(clone, "node_modules/@ionet"), { recursive: true });
  await cp(join(ours, "package.json"), join(clone, "package.json"));
  for (const room of needed) {
    await cp(join(ours, room), join(clone, room), { recursive: true, verbatimSymlinks: true });
    await symlink(`../../${room}`, join(clone, "node_modules/@ionet", room));
  }
  const others = (await readdir(join(ours, "node_modules"))).filter((name) => !/^(\.|@ionet$)/.test(name));
  for (const name of others)
    await symlink(join(ours, "node_modules", name), join(clone, "node_modules", name));
});
afterAll(() => rm(folder, { recursive: true }));

type Ran = { code: number; stdout: string; stderr: string };
const ionet = (...args: string[]) =>
  new Promise<Ran>((resolve) =>
    execFile(join(clone, "cli/bin/ionet"), args, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    ),
  );
const bundles = async () =>
  (await readdir(join(clone, "node_modules/.cache/ionet"))).filter((name) => /^bundle-\w+$/.test(name));

/** Writes one word of a source in place of another. */
async function edit(file: string, word: string, instead: string): Promise<void> {
  const path = join(clone, file);
  const text = await readFile(path, "utf8");
  expect(text).toContain(word);
  await writeFile(path, text.replace(word, instead));
}

test("a clone bundles the command when it is first run, and runs that bundle from then on", async () => {
  const first = await ionet("help");
  expect(first).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("my clusters") });
  expect(await ionet("help")).toEqual(first);
  expect(await bundles()).toHaveLength(1);
});

test("what was edited is what runs, in whatever room it lies", async () => {
  await edit("cli/command-table.ts", "my clusters", "MY clusters");
  await edit("sdk/client.ts", "no control plane answers", "NO control plane answers");
  expect((await ionet("search", "--url", "http://127.0.0.1:1")).stderr).toContain("NO control plane answers");
  expect((await ionet("help")).stdout).toContain("MY clusters");
});

test("an edit that leaves size and time of a file as they were runs all the same", async () => {
  const file = join(clone, "cli/command-table.ts");
  const { atime, mtime } = await stat(file);
  await edit("cli/command-table.ts", "MY clusters", "my CLUSTERS");
  await utimes(file, atime, mtime);
  expect((await ionet("help")).stdout).toContain("my CLUSTERS");
});

test("a moved clone runs its own files", async () => {
  const before = clone;
  clone = join(folder, "moved");
  await rename(before, clone);
  expect(await ionet("help")).toMatchObject({ code: 0, stderr: "" });
});

test("code that does not parse says where, and is run again once it is mended", async () => {
  await edit("cli/command-table.ts", "export const commands", "export konst commands");
  expect((await ionet("help")).stderr).toContain("command-table.ts");
  await edit("cli/command-table.ts", "export konst commands", "export const commands");
  expect(await ionet("help")).toMatchObject({ code: 0, stderr: "" });
});

test("without the bundler the sources run", async () => {
  await rm(join(clone, "node_modules/.cache"), { recursive: true });
  await rm(join(clone, "node_modules/rolldown"));
  expect(await ionet("help")).toMatchObject({ code: 0, stdout: expect.stringContaining("my CLUSTERS") });
});
