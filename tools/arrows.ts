import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/** Which room may import which. A room that is not named in a row is out of reach from it. */
export const rooms: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  chain: ["protocol"],
  "local-chain": [],
  "control-plane": ["chain", "protocol"],
  agent: ["protocol"],
  sdk: ["chain", "protocol"],
  cli: ["agent", "chain", "protocol", "sdk"],
  e2e: ["agent", "chain", "cli", "protocol", "sdk"],
  programs: ["chain", "protocol"],
  tools: ["protocol"],
};

/** The steps of the control plane in the order of the flow: a step imports earlier ones only. */
export const steps: readonly string[] = [
  "database",
  "http",
  "catalogue",
  "earnings",
  "accounts",
  "nodes",
  "inventory",
  "connectors",
  "search",
  "oracle",
  "reservations",
  "compare",
  "escrows",
  "clusters",
  "requests",
  "metering",
  "settlement",
  "sync",
  "gateway",
];

export type Arrow = { from: string; to: string };

/** Every import between files of ours, and of packages, as `from` file → `to` file or package name. Tests included. */
export function arrows(root: string): Arrow[] {
  const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts"], {
    cwd: root,
  })
    .toString()
    .split("\n")
    .filter((file) => file !== "" && existsSync(join(root, file)));
  return files.flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8");
    const imports = text.matchAll(
      /(?:^|\n)\s*(?:import|export)[^;"']*?from\s+"([^"]+)"|import\(\s*"([^"]+)"\s*\)|(?:^|\n)import\s+"([^"]+)"/g,
    );
    return [...imports].map((match) => {
      const target = match[1] ?? match[2] ?? match[3] ?? "";
      const to = target.startsWith(".") ? normalize(join(dirname(file), target)) : target;
      return { from: file, to };
    });
  });
}

/** The room of a file or of one of our packages; undefined for others' packages. */
export function roomOf(path: string): string | undefined {
  const own = /^@ionet\/([a-z-]+)/.exec(path);
  if (own) return own[1];
  const [first] = path.split("/");
  return path.includes("/") && first !== undefined && first in rooms ? first : undefined;
}
