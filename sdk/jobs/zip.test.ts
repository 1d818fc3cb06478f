import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { packWorkingDir } from "./working-dir.ts";
import { zip } from "./zip.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ionet-zip-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Unpacks with Python's zipfile, which is what Ray unpacks with. */
async function unpack(archive: Buffer): Promise<string> {
  const file = join(folder, "package.zip");
  const target = join(folder, "unpacked");
  await writeFile(file, archive);
  execFileSync("python3", ["-m", "zipfile", "-t", file]);
  execFileSync("python3", ["-m", "zipfile", "-e", file, target]);
  return target;
}

test("Python unpacks what was packed: names, folders and every byte", async () => {
  const noise = Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * i * 31) % 251));
  const target = await unpack(
    zip([
      { path: "main.py", content: Buffer.from("print('hello')\n") },
      { path: "data/prices ü.bin", content: noise },
      { path: "data/empty", content: new Uint8Array() },
    ]),
  );
  expect(await readFile(join(target, "main.py"), "utf8")).toBe("print('hello')\n");
  expect(await readFile(join(target, "data/prices ü.bin"))).toEqual(noise);
  expect((await stat(join(target, "data/empty"))).size).toBe(0);
});

test("the same folder gives the same package, and what is no part of a job stays at home", async () => {
  const project = join(folder, "project");
  await mkdir(join(project, "lib", "__pycache__"), { recursive: true });
  await mkdir(join(project, ".git"));
  await writeFile(join(project, "lib", "a.py"), "a = 1\n");
  await writeFile(join(project, "lib", "__pycache__", "a.pyc"), "x");
  await writeFile(join(project, ".git", "HEAD"), "x");
  await writeFile(join(project, "main.py"), "import lib.a\n");
  await symlink("/etc/passwd", join(project, "link"));
  const packed = await packWorkingDir(project);
  const listed = execFileSync(
    "python3",
    ["-c", "import sys,zipfile,io;print(zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read())).namelist())"],
    { input: packed },
  ).toString();
  expect(listed.trim()).toBe("['lib/a.py', 'main.py']");
  expect(await packWorkingDir(project)).toEqual(packed);
});

test("a folder that is not there is refused with its name", async () => {
  await expect(packWorkingDir(join(folder, "nowhere"))).rejects.toMatchObject({
    code: "invalid-request",
    input: { field: "workingDir", given: join(folder, "nowhere") },
  });
});
