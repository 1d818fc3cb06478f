import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const WORKSPACE = fileURLToPath(new URL("..", import.meta.url));
const BUILD = fileURLToPath(new URL("../../tools/build-programs.sh", import.meta.url));
/** Not source. */
const LEFT_OUT: readonly string[] = ["target", "tests", "testing"];

/** A change of a source, named from `programs/`: a text in a file, and what stands there instead. */
export type Change = { file: string; from: string; to: string };

/** Builds a program with changes of its source; throws where a text is not there or Rust is not installed. */
export function buildVariant(program: string, changes: readonly Change[]): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "ionet-variant-"));
  try {
    const sources = join(folder, "programs");
    cpSync(WORKSPACE, sources, { recursive: true, filter: (path) => !LEFT_OUT.includes(basename(path)) });
    for (const { file, from, to } of changes) {
      const text = readFileSync(join(sources, file), "utf8");
      if (!text.includes(from)) throw new Error(`${file} has no text ${JSON.stringify(from)} to change`);
      writeFileSync(join(sources, file), text.replace(from, to));
    }
    const out = join(folder, "variant.so");
    execFileSync(BUILD, ["--variant", program, sources, out], { stdio: ["ignore", "ignore", "inherit"] });
    return readFileSync(out);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
