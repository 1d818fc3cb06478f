import type { Dirent, Stats } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorText, problem } from "@ionet/protocol";
import { type IgnoreRules, ignoreRules, rulesOfFolder } from "./ignore-rules.ts";

/** One thing to pack: a file, or a folder in which there is nothing. `path` is relative, with forward slashes. */
export type PackedEntry = { path: string; source: string; isFolder: boolean; bytes: number; mode: number };

/** What is left at home though no rule says so, and why. */
export type LeftOutEntry = { path: string; why: string };

export type WhatToPack = {
  /** Left out beside what the ignore files say, in the language of `.gitignore`. */
  excludes?: readonly string[];
  /** Whether `.gitignore` counts, as `.rayignore` always does; true when left out. */
  gitignore?: boolean;
  onLeftOut?: (left: LeftOutEntry) => void;
  signal?: AbortSignal;
};

/** Ray's own: never in an ignore file, and never wanted. */
const ALWAYS_EXCLUDED = [".git", ".venv", "venv", "__pycache__"];

type Rule = { below: string; rules: IgnoreRules };
type EntryPlace = {
  folder: string;
  path: string;
  /** The folders on the way here, links followed. */
  real: readonly string[];
  rules: readonly Rule[];
  link: string | null;
};

/**
 * What Ray's own client packs of a folder, sorted by path: symbolic links are followed, folders without anything in them are
 * there, and `.gitignore` and `.rayignore` count in every folder. Throws `invalid-request` for a link in a circle.
 */
export async function* listFolder(folder: string, what: WhatToPack = {}): AsyncGenerator<PackedEntry> {
  const real = await realpath(folder).catch(() => undefined);
  const isFolder = real !== undefined && (await stat(real)).isDirectory();
  if (!isFolder) throw notThere(folder, real === undefined ? "it does not exist" : "it is a file");
  const always = ignoreRules([...ALWAYS_EXCLUDED, ...(what.excludes ?? [])].join("\n"));
  yield* listPlace(
    { folder, path: "", real: [real], rules: [{ below: "", rules: always }], link: null },
    what,
  );
}

async function* listPlace(place: EntryPlace, what: WhatToPack): AsyncGenerator<PackedEntry> {
  const { folder, path: here } = place;
  what.signal?.throwIfAborted();
  const names = what.gitignore === false ? [".rayignore"] : [".gitignore", ".rayignore"];
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw unreadable(folder, error);
  });
  const isNamed = entries.some(({ name }) => names.includes(name));
  const own = isNamed ? await rulesOfFolder(folder, names) : [];
  const rules = [
    ...place.rules,
    ...own.map((each) => ({ below: here === "" ? "" : `${here}/`, rules: each })),
  ];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = here === "" ? entry.name : `${here}/${entry.name}`;
    if (rules.some((rule) => rule.rules(path.slice(rule.below.length)))) continue;
    const source = join(folder, entry.name);
    const found = await look(entry, source, path, what);
    if (found === null) continue;
    const about = { path, source, mode: found.mode & 0o7777 };
    if (found.isFile()) yield { ...about, isFolder: false, bytes: found.size };
    else if (found.isDirectory()) {
      const below = await belowOf(entry, { ...place, folder: source, path, rules });
      const isEmpty = (await readdir(source)).length === 0;
      if (isEmpty) yield { ...about, isFolder: true, bytes: 0 };
      else yield* listPlace(below, what);
    } else what.onLeftOut?.({ path, why: "it is no file but a socket, pipe or device" });
  }
}

/** What a name stands for, links followed; null where that is nothing, which is told. */
async function look(entry: Dirent, source: string, path: string, what: WhatToPack): Promise<Stats | null> {
  if (entry.name.includes("\\")) {
    what.onLeftOut?.({ path, why: "Ray unpacks no name with a backslash" });
    return null;
  }
  try {
    return await stat(source);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ELOOP") throw circle(path, path);
    if (code !== "ENOENT") throw unreadable(source, error);
    if (entry.name.includes("\uFFFD")) throw unreadable(source, new Error("its name is not UTF-8"));
    what.onLeftOut?.({
      path,
      why: entry.isSymbolicLink()
        ? "it is a link to something that does not exist"
        : "it went away meanwhile",
    });
    return null;
  }
}

/** The folder at a name, seen not to be one that leads back here. */
async function belowOf(entry: Dirent, place: EntryPlace): Promise<EntryPlace> {
  const isLink = entry.isSymbolicLink();
  const real = isLink ? await realpath(place.folder) : join(place.real.at(-1) ?? "", entry.name);
  const link = isLink ? place.path : place.link;
  if (place.real.includes(real)) throw circle(link ?? place.path, place.path);
  return { ...place, real: [...place.real, real], link };
}

const notThere = (folder: string, why: string) =>
  problem("invalid-request", {
    detail: `the working directory can't be read: ${why}`,
    field: "workingDir",
    given: folder,
    allowed: "a folder that exists, or a .zip file",
    next: "check the path",
  });

const unreadable = (source: string, error: unknown) =>
  problem("invalid-request", {
    detail: `a part of the working directory can't be read: ${errorText(error)}`,
    field: "workingDir",
    given: source,
    allowed: "files and folders that you can read",
    next: "Make it readable, or leave it out with a line in .rayignore.",
  });

const circle = (link: string, path: string) =>
  problem("invalid-request", {
    detail: `the link ${link} leads in a circle${link === path ? "" : `, back at ${path}`}: packed, it would have no end`,
    field: "workingDir",
    given: link,
    allowed: "links to files and to folders that are not above them",
    next: `Remove the link, or leave it out with a line in .rayignore: ${link}`,
  });
