import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/** Which room may import which. A room that is not named in a row is out of reach from it. */
export const rooms: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  placement: ["protocol"],
  "offer-index": ["protocol"],
  // The words of an error are the browsers' too.
  machine: ["protocol"],
  chain: ["protocol"],
  "local-chain": ["machine"],
  "control-plane": ["chain", "machine", "offer-index", "placement", "protocol"],
  agent: ["machine", "protocol"],
  sdk: ["chain", "protocol"],
  cli: ["agent", "chain", "machine", "protocol", "sdk"],
  e2e: ["agent", "chain", "cli", "machine", "protocol", "sdk"],
  programs: ["chain", "protocol"],
  tools: ["agent", "cli", "machine", "protocol", "sdk"],
};

/** Benchmarks look inside what they measure: by a path, not through its entry. */
export const measuring: readonly string[] = ["bench"];

/** The wings of the control plane in the order of the flow, each with its steps in order: a step imports earlier ones only. */
export const wings: Readonly<Record<string, readonly string[]>> = {
  platform: ["database", "http", "accounts"],
  supply: ["nodes", "inventory"],
  market: ["catalogue", "earnings", "connectors", "search", "oracle", "reservations", "compare", "requests"],
  delivery: ["escrows", "clusters", "metering", "settlement", "sync", "gateway"],
};

/**
 * The order of folders within other rooms: a folder imports earlier ones only. What stands at the top of such a room composes
 * them.
 */
export const folders: Readonly<Record<string, readonly string[]>> = {
  agent: ["environment", "identity", "hardware", "overlay", "sandbox", "ray", "sync", "tunnel", "leases"],
  chain: ["rpc", "tokens", "escrow", "network"],
  cli: ["network", "demo", "commands"],
};

/** Which step owns which tables: no other step names them. */
export const owners: Readonly<Record<string, readonly string[]>> = {
  "platform/http": ["idempotent_answers"],
  "platform/accounts": ["accounts", "sign_in_challenges", "access_keys"],
  "supply/nodes": ["nodes", "nodes_gone", "enrolment_tokens"],
  "supply/inventory": [
    "allocation_writer",
    "gpu_nodes",
    "backfill_reservations",
    "node_history",
    "released_leases",
  ],
  "market/oracle": ["oracle_prices"],
  "market/reservations": ["quotes", "reservations"],
  "market/requests": ["requests", "request_events"],
  "delivery/escrows": ["escrows"],
  "delivery/clusters": ["clusters", "cluster_events", "cluster_watch", "leases"],
  "delivery/metering": ["statements", "lease_meters", "readings"],
  "delivery/settlement": [
    "settlements",
    "payouts",
    "announced_transactions",
    "history_cursors",
    "history_payments",
    "token_accounts_made",
  ],
};

export type Arrow = { from: string; to: string };

/** Files that git knows or would take, as paths from the root. */
export function filesOf(root: string, pattern: string): string[] {
  return execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", pattern], {
    cwd: root,
  })
    .toString()
    .split("\n")
    .filter((file) => file !== "" && existsSync(join(root, file)));
}

/** Every import between files of ours, and of packages, as `from` file → `to` file or package name. Tests included. */
export function arrows(root: string): Arrow[] {
  return filesOf(root, "*.ts").flatMap((file) => {
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
  return path.includes("/") && first !== undefined && (first in rooms || measuring.includes(first))
    ? first
    : undefined;
}

/** The step of a file of the control plane, as `wing/step`; of a file that belongs to a whole wing, or to none, undefined. */
export const stepOf = (path: string): string | undefined =>
  /^control-plane\/([a-z-]+\/[a-z-]+)\//.exec(path)?.[1];

/** How late in the flow a file of the control plane comes: its wing, then its step; what composes comes last. */
export function placeOf(path: string): [wing: number, step: number] {
  const [, wing, step] = /^control-plane\/([a-z-]+)\/(?:([a-z-]+)\/)?/.exec(path) ?? [];
  if (wing === undefined) return [Object.keys(wings).length, 0];
  // What stands at the top of a wing is beneath its steps.
  return [Object.keys(wings).indexOf(wing), step === undefined ? -1 : (wings[wing] ?? []).indexOf(step)];
}

/** Tests and their support may look inside, and compose. */
export const isTest = (file: string): boolean =>
  file.endsWith(".test.ts") || /\/(tests?|testing)\//.test(file);
