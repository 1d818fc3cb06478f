import { glob, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Plugin, rolldown } from "rolldown";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A command that runs for days may still read parts of the bundle it started from. */
const KEPT_MS = 14 * 86_400_000;

/**
 * Bundles the CLI of this clone into the cache folder; returns the entry's URL. `stampOf` tells whether a file is still the
 * one that was read.
 */
export async function bundleClone(cache: URL, stampOf: (file: string) => string): Promise<string> {
  const folder = fileURLToPath(cache);
  await mkdir(folder, { recursive: true });
  const stamps: Record<string, string> = {};
  // Taken before the file is read: what is written meanwhile makes the bundle an old one.
  const stamp = (file: string) => {
    stamps[file] ??= stampOf(file);
  };
  for (const file of await decidingFiles()) stamp(file);
  await using bundle = await rolldown({
    input: { ionet: join(root, "cli/main.ts") },
    cwd: root,
    platform: "node",
    logLevel: "silent",
    plugins: [{ name: "stamps", load: { filter: { id: /^\// }, handler: stamp } }, ownUrls],
  });
  const made = await mkdtemp(join(folder, "bundle-"));
  await bundle.write({ dir: made, entryFileNames: "[name].mjs", chunkFileNames: "[name]-[hash].mjs" });
  const entry = join(made, "ionet.mjs");
  stamp(entry);
  const url = pathToFileURL(entry).href;
  const draft = `${made}.json`;
  await writeFile(draft, JSON.stringify({ entry: url, stamps }));
  await rename(draft, join(folder, "current.json"));
  await removeOld(folder);
  return url;
}

/** What a module names beside itself stays where it is in the clone. */
const ownUrls: Plugin = {
  name: "own-urls",
  transform: {
    filter: { code: "import.meta.url" },
    handler: (code, id) => code.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(id).href)),
  },
};

/** Files that decide what is bundled and how, beside the modules themselves. */
async function decidingFiles(): Promise<string[]> {
  const files = ["package.json", "node_modules/.package-lock.json", "tsconfig.json"].map((file) =>
    join(root, file),
  );
  for await (const file of glob(["*/package.json", "tools/bundle/*"], { cwd: root }))
    files.push(join(root, file));
  return files;
}

async function removeOld(folder: string): Promise<void> {
  const newest = await stat(join(folder, "current.json"));
  for (const name of await readdir(folder)) {
    if (!name.startsWith("bundle-")) continue;
    const { mtimeMs } = await stat(join(folder, name));
    if (newest.mtimeMs - mtimeMs > KEPT_MS) await rm(join(folder, name), { recursive: true });
  }
}
