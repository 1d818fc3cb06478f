import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The programs, by their folders' names: every member of their Cargo workspace but what they share. */
export function programNames(root: string): string[] {
  const manifest = readFileSync(join(root, "programs/Cargo.toml"), "utf8");
  const members = /^members = \[(.*)\]$/m.exec(manifest)?.[1];
  if (members === undefined) throw new Error("programs/Cargo.toml has no line `members = [...]`");
  return [...members.matchAll(/"([^"]+)"/g)]
    .map(([, name]) => name ?? "")
    .filter((name) => name !== "shared");
}
