import { readFileSync, statSync } from "node:fs";
import { chmod, copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Plugin, rolldown } from "rolldown";
import { notices } from "./notices.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What ships, by the name it ships under. The SDK shares nothing: a part with all of it would be read by every command. */
const programs = { cli: join(root, "cli/main.ts"), agent: join(root, "agent/main.ts") };
const library = { sdk: join(root, "sdk/index.ts"), "sdk-node": join(root, "sdk/node.ts") };

/** Command, agent and SDK as a package that needs neither a clone nor other packages, in a folder that is made anew. */
export async function bundleDist(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  const modules = [...(await bundle(programs, folder)), ...(await bundle(library, folder))];
  await writeFile(join(folder, "THIRD-PARTY-NOTICES.txt"), await notices(modules));
  await copyFile(join(root, "LICENSE"), join(folder, "LICENSE"));
  for (const [name, entry] of Object.entries({ ionet: "cli", "ionet-agent": "agent" })) {
    await writeFile(join(folder, `${name}.mjs`), launcher(name, entry));
    await chmod(join(folder, `${name}.mjs`), 0o755);
  }
  await writeFile(join(folder, "package.json"), `${JSON.stringify(await manifest(), null, 2)}\n`);
}

/** Returns the modules that it is made of. */
async function bundle(input: Readonly<Record<string, string>>, dir: string): Promise<string[]> {
  await using made = await rolldown({
    input,
    cwd: root,
    platform: "node",
    plugins: [takeAlong],
    onLog: (level, log) => {
      if (level === "warn") throw new Error(`bundle: ${log.message}`);
    },
  });
  const { output } = await made.write({
    dir,
    entryFileNames: "[name].mjs",
    chunkFileNames: "parts/[name]-[hash].mjs",
    assetFileNames: "parts/[name]-[hash][extname]",
  });
  return output.flatMap((part) => (part.type === "chunk" ? part.moduleIds : []));
}

/** Older Nodes read these few lines too; the rest only Node 24 does. */
const launcher = (name: string, entry: string) => `#!/usr/bin/env node
if (Number(process.versions.node.split(".")[0]) < 24) {
  console.error("${name}: Node 24 or newer is needed; this is Node " + process.versions.node + ".");
  process.exit(1);
}
await import("./${entry}.mjs");
`;

async function manifest() {
  const { name, version, license, description } = JSON.parse(
    await readFile(join(root, "package.json"), "utf8"),
  );
  return {
    ...{ name, version, license, description, type: "module" },
    bin: { ionet: "./ionet.mjs", "ionet-agent": "./ionet-agent.mjs" },
    exports: { ".": "./sdk.mjs", "./node": "./sdk-node.mjs" },
    engines: { node: ">=24" },
  };
}

/** A file that a module names beside itself goes along: a program with all that it imports, another file as it is. */
const takeAlong: Plugin = {
  name: "take-along",
  transform: {
    filter: { code: "import.meta.url" },
    handler(code, id) {
      return code.replaceAll(/new URL\("(\.[^"]+)", import\.meta\.url\)/g, (whole, beside: string) => {
        const file = join(dirname(id), beside);
        // A folder is of the clone alone: a demo's job, the files of a network of one's own.
        if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return whole;
        const taken = this.emitFile(
          file.endsWith(".ts")
            ? { type: "chunk", id: file }
            : { type: "asset", name: basename(file), source: readFileSync(file) },
        );
        return `new URL(import.meta.ROLLUP_FILE_URL_${taken})`;
      });
    },
  },
};
