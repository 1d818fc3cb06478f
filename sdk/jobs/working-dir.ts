import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { problem } from "@ionet/protocol";
import { type ZipEntry, zip } from "./zip.ts";

/** What Ray takes at most as one package. */
export const WORKING_DIR_LIMIT_BYTES = 100 * 1024 * 1024;
const LEFT_OUT = new Set([".git", "__pycache__", ".venv", "node_modules", ".DS_Store"]);

/** A folder as Ray's working_dir: a zip of its files, sorted by path. Throws `body-too-large` over 100 MiB. */
export async function packWorkingDir(folder: string): Promise<Buffer> {
  const files = await listFiles(folder);
  const entries: ZipEntry[] = [];
  let total = 0;
  for (const file of files.sort()) {
    const { size, mode } = await stat(file);
    total += size;
    if (total > WORKING_DIR_LIMIT_BYTES) throw tooLarge(folder);
    const path = relative(folder, file).split(sep).join("/");
    entries.push({ path, content: await readFile(file), executable: (mode & 0o100) !== 0 });
  }
  const packed = zip(entries);
  if (packed.length > WORKING_DIR_LIMIT_BYTES) throw tooLarge(folder);
  return packed;
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => {
    throw problem("invalid-request", {
      detail: "the working directory can't be read",
      field: "workingDir",
      given: folder,
      allowed: "a folder that exists",
      next: "check the path",
    });
  });
  const found: string[] = [];
  for (const entry of entries) {
    if (LEFT_OUT.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await listFiles(path)));
    else if (entry.isFile()) found.push(path);
  }
  return found;
}

const tooLarge = (folder: string) =>
  problem("body-too-large", {
    detail: "the working directory is too large for one Ray package",
    field: "workingDir",
    given: folder,
    allowed: "100 MiB in all",
    next: "leave large data out of the folder and let the job fetch it",
  });
