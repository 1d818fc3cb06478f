import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ignoreRules } from "./ignore-rules.ts";
import type { LeftOutEntry } from "./list-folder.ts";
import { packWorkingDir, zipOf } from "./working-dir.ts";

let home: string;
let project: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "ionet-pack-"));
  project = join(home, "project");
  await mkdir(project);
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** Files of the project by path; what ends with a slash is an empty folder. */
async function make(files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(project, path.endsWith("/") ? path : dirname(path)), { recursive: true });
    if (!path.endsWith("/")) await writeFile(join(project, path), text);
  }
}

const READ = `
import io, json, sys, zipfile
z = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))
assert z.testzip() is None
print(json.dumps({i.filename: [oct(i.external_attr >> 16 & 0o7777), z.read(i).decode("latin1")] for i in z.infolist()}))
`;

/** What Python's zipfile, which Ray unpacks with, finds in a package: mode and content by name. */
const unpacked = (archive: Buffer): Record<string, [mode: string, text: string]> =>
  JSON.parse(execFileSync("python3", ["-c", READ], { input: archive, maxBuffer: 1 << 28 }).toString());
const packedNames = async (
  ...more: Parameters<typeof packWorkingDir> extends [string, ...infer M] ? M : never
) => Object.keys(unpacked((await packWorkingDir(project, ...more)).archive)).sort();

test("Python unpacks what was packed: names, modes, empty folders and every byte", async () => {
  await make({
    "main.py": "print('hello')\n",
    "data/prices ü.bin": "\u0000ÿ".repeat(50_000),
    "outputs/": "",
    empty: "",
  });
  await chmod(join(project, "main.py"), 0o751);
  const found = unpacked((await packWorkingDir(project)).archive);
  expect(Object.keys(found).sort()).toEqual(["data/prices ü.bin", "empty", "main.py", "outputs/"]);
  expect(found["main.py"]).toEqual(["0o751", "print('hello')\n"]);
  expect(Buffer.from(found["data/prices ü.bin"]?.[1] ?? "", "latin1").toString()).toBe(
    "\u0000ÿ".repeat(50_000),
  );
});

test("the same content is the same package, wherever and whenever; another mode is another", async () => {
  await make({ "a.py": "a = 1\n" });
  const first = await packWorkingDir(project);
  await make({ "a.py": "a = 1\n" });
  expect(await packWorkingDir(project)).toEqual(first);
  await chmod(join(project, "a.py"), 0o700);
  expect((await packWorkingDir(project)).name).not.toBe(first.name);
});

test("links to files and folders are followed, inside the folder and out of it", async () => {
  await writeFile(join(home, "data.csv"), "1");
  await mkdir(join(home, "shared"));
  await writeFile(join(home, "shared", "x"), "x");
  await make({ "lib/a": "a" });
  await symlink("../data.csv", join(project, "data.csv"));
  await symlink("../shared", join(project, "shared"));
  await symlink("lib", join(project, "again"));
  expect(await packedNames()).toEqual(["again/a", "data.csv", "lib/a", "shared/x"]);
});

test.each([
  ["itself", "loop", "loop"],
  ["the folder", ".", "loop"],
  ["a folder above", "..", "loop"],
])("a link in a circle, to %s, is named", async (_what, target, link) => {
  await make({ "deep/a": "a" });
  await symlink(target, join(project, link));
  await expect(packWorkingDir(project)).rejects.toMatchObject({
    code: "invalid-request",
    input: { field: "workingDir", given: link, detail: expect.stringContaining("circle") },
  });
  // Left out by a rule it is nobody's concern.
  await make({ ".rayignore": `${link}\n` });
  expect(await packedNames()).toEqual([".rayignore", "deep/a"]);
});

test("two folders that lead into each other are a circle", async () => {
  await make({ "a/": "", "b/": "" });
  await symlink("../b", join(project, "a", "to-b"));
  await symlink("../a", join(project, "b", "to-a"));
  await expect(packWorkingDir(project)).rejects.toMatchObject({ input: { given: "a/to-b/to-a" } });
});

test("what can't be sent is left out by name: links to nothing, pipes, names that Ray does not unpack", async () => {
  await make({ "a.py": "" });
  await symlink("nowhere", join(project, "dangling"));
  execFileSync("mkfifo", [join(project, "pipe")]);
  await make({ "back\\slash": "" });
  const left: LeftOutEntry[] = [];
  expect(await packedNames({ onLeftOut: (one) => left.push(one) })).toEqual(["a.py"]);
  expect(left.map(({ path }) => path)).toEqual(["back\\slash", "dangling", "pipe"]);
});

test("ignore files count in every folder, and what is no part of a job stays at home", async () => {
  await make({
    ".gitignore": "data/\n.env\n*.log\n!keep.log\n",
    ".rayignore": "big.*\n",
    ".env": "SECRET=1",
    "data/x": "",
    "sub/data/x": "",
    "keep.log": "",
    "drop.log": "",
    "big.bin": "",
    "sub/.gitignore": "/only-here\n",
    "sub/only-here": "",
    "only-here": "",
    ".git/HEAD": "",
    "lib/__pycache__/a.pyc": "",
    ".venv/x": "",
    "venv/x": "",
    "node_modules/x": "",
  });
  const all = [".gitignore", ".rayignore", "keep.log", "node_modules/x", "only-here", "sub/.gitignore"];
  expect(await packedNames()).toEqual(all);
  expect(await packedNames({ excludes: ["keep.log", "node_modules"] })).toEqual(
    all.filter((name) => name !== "keep.log" && name !== "node_modules/x"),
  );
  expect(await packedNames({ gitignore: false })).toContain(".env");
});

test.each([
  ["data/\n!data/keep", ["data/keep"], ["data/x"]],
  ["*.py[co]\n# a comment\n\n\\#hash", ["a.py", "# a comment"], ["a.pyc", "d/a.pyo", "#hash"]],
  ["/a\nb/c\n**/d\ne/**\nf/**/g", ["x/a", "x/b/c", "e"], ["a", "b/c", "d", "x/d", "e/x", "f/g", "f/1/2/g"]],
  ["A\r\nfoo*\r\n", ["a"], ["A", "foobar", "x/foo/y"]],
])("%j keeps %j and leaves out %j", (text, kept, left) => {
  const rules = ignoreRules(text);
  expect(kept.filter(rules)).toEqual([]);
  expect(left.filter(rules)).toEqual(left);
});

test("more than 65,535 files are one package", async () => {
  const empty = { source: "", isFolder: false, bytes: 0, mode: 0o644 };
  const parts: Uint8Array[] = [];
  for await (const part of zipOf(Array.from({ length: 66_000 }, (_, i) => ({ ...empty, path: `f${i}` }))))
    parts.push(part);
  const count =
    "import io,sys,zipfile;print(len(zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read())).namelist()))";
  expect(
    execFileSync("python3", ["-c", count], { input: Buffer.concat(parts) })
      .toString()
      .trim(),
  ).toBe("66000");
});

test("what is too large is refused before it is read, with the largest files named", async () => {
  await make({ "huge.bin": "", "main.py": "" });
  await truncate(join(project, "huge.bin"), 5 * 1024 ** 3);
  await expect(packWorkingDir(project)).rejects.toMatchObject({
    code: "body-too-large",
    input: {
      field: "workingDir",
      detail: expect.stringContaining("huge.bin (5120.0 MiB)"),
      allowed: "less than 100.0 MiB in all",
    },
  });
});

test("a zip file goes as it is", async () => {
  await make({ "a.py": "a" });
  const { archive, name } = await packWorkingDir(project);
  await writeFile(join(home, "project.zip"), archive);
  expect(await packWorkingDir(join(home, "project.zip"))).toEqual({ archive, name });
});

test.each(["nowhere", "file"])("a folder that is none (%s) is refused with its name", async (name) => {
  await writeFile(join(home, "file"), "");
  await expect(packWorkingDir(join(home, name))).rejects.toMatchObject({
    code: "invalid-request",
    input: { field: "workingDir", given: join(home, name) },
  });
});
