import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { errorText, problem } from "@ionet/protocol";
import { makeZip } from "client-zip";
import { listFolder, type PackedEntry, type WhatToPack } from "./list-folder.ts";

/** What Ray's dashboard takes as one package is less than this. */
export const PACKAGE_LIMIT_BYTES = 100 * 1024 * 1024;

/** How far a folder is: what was found of it so far, then how much of that is packed. */
export type PackProgress = { step: "listing" | "packing"; files: number; bytes: number; packedBytes: number };

export type Packing = WhatToPack & { onProgress?: (progress: PackProgress) => void };

/** A package as Ray takes it. Its name is a digest of its content: what is the same travels once. */
export type Package = { name: string; archive: Buffer };

/** A working directory as a package: a folder packed as Ray's own client does, or a zip file as it is. */
export async function packWorkingDir(path: string, packing: Packing = {}): Promise<Package> {
  const found = await stat(path).catch(() => undefined);
  const isZip = found?.isFile() === true && path.toLowerCase().endsWith(".zip");
  if (!isZip) return packaged(await packFolder(path, packing));
  if (found.size >= PACKAGE_LIMIT_BYTES) throw tooLarge(path, found.size, []);
  return packaged(await readFile(path));
}

const packaged = (archive: Buffer): Package => ({
  name: `_ray_pkg_${createHash("sha256").update(archive).digest("hex").slice(0, 32)}.zip`,
  archive,
});

/** A zip of a folder, not compressed, as Ray's client makes it. Throws `body-too-large` before anything is read. */
async function packFolder(folder: string, packing: Packing): Promise<Buffer> {
  const { onProgress, signal } = packing;
  const entries: PackedEntry[] = [];
  let bytes = 0;
  for await (const entry of listFolder(folder, packing)) {
    entries.push(entry);
    bytes += entry.bytes + overheadOf(entry);
    onProgress?.({ step: "listing", files: entries.length, bytes, packedBytes: 0 });
  }
  if (bytes >= PACKAGE_LIMIT_BYTES) throw tooLarge(folder, bytes, entries);
  const parts: Uint8Array[] = [];
  let packedBytes = 0;
  for await (const part of zipOf(entries)) {
    signal?.throwIfAborted();
    parts.push(part);
    packedBytes += part.length;
    // A file may grow while it is read.
    if (packedBytes >= PACKAGE_LIMIT_BYTES) throw tooLarge(folder, packedBytes, entries);
    onProgress?.({ step: "packing", files: entries.length, bytes, packedBytes });
  }
  return Buffer.concat(parts);
}

/** The archive of these entries, piece by piece, each file read when it is its turn. */
export const zipOf = (entries: readonly PackedEntry[]): AsyncIterable<Uint8Array> =>
  makeZip(contentsOf(entries));

// The earliest time that the format can hold: the same content gives the same bytes, and so the same name.
const NO_TIME = new Date(1980, 0, 1);
const SMALL_BYTES = 1024 * 1024;
const NOTHING = new Uint8Array();

async function* contentsOf(entries: readonly PackedEntry[]) {
  for (const { path, source, isFolder, bytes, mode } of entries) {
    const about = { name: path, lastModified: NO_TIME, mode };
    if (isFolder) yield { ...about, name: `${path}/` };
    else if (bytes === 0) yield { ...about, input: NOTHING };
    else yield { ...about, input: bytes <= SMALL_BYTES ? await contentOf(source) : createReadStream(source) };
  }
}

const contentOf = (source: string): Promise<Buffer> =>
  readFile(source).catch((error: unknown) => {
    throw problem("invalid-request", {
      detail: `a file of the working directory can't be read: ${errorText(error)}`,
      field: "workingDir",
      given: source,
      allowed: "files that you can read",
      next: "Make it readable, or leave it out with a line in .rayignore.",
    });
  });

/** Headers and the entry in the directory at the archive's end. */
const overheadOf = ({ path }: PackedEntry): number => 30 + 16 + 46 + 2 * Buffer.byteLength(path);

const LARGEST_NAMED = 3;
const mib = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;

function tooLarge(path: string, bytes: number, entries: readonly PackedEntry[]) {
  const largest = entries.toSorted((a, b) => b.bytes - a.bytes).slice(0, LARGEST_NAMED);
  const named = largest.map((entry) => `${entry.path} (${mib(entry.bytes)})`).join(", ");
  return problem("body-too-large", {
    detail: `the working directory is too large for one Ray package${named === "" ? "" : `; largest: ${named}`}`,
    field: "workingDir",
    given: `${path}: ${mib(bytes)} in ${entries.length} files`,
    allowed: `less than ${mib(PACKAGE_LIMIT_BYTES)} in all`,
    next: "Leave out what the job does not read: name it in .gitignore or .rayignore.",
  });
}
