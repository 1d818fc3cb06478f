import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, createWriteStream, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { identify, type ProcessIdentity, processesOf, signalProcess } from "@ionet/machine";
import { CommandProblem } from "../problem-text.ts";

const EXIT_WITH_PARENT = new URL("./exit-with-parent.ts", import.meta.url).href;

/** One process of a local network. It ends when the process that started it ends. */
export type Member = {
  name: string;
  log: string;
  process: ProcessIdentity;
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** The first line it printed, which says that it is ready. */
  firstLine: Promise<string>;
  /** SIGTERM, then after `graceMs` SIGKILL to it and all that it had started. Returns what was killed or is left. */
  stop(graceMs?: number): Promise<StopReport>;
  /** Why it ended, in its own last words; for one that should not have. */
  failure(): Promise<Error>;
  /** SIGKILL at once to it and to all that it had started. */
  kill(): Promise<void>;
};

export type StopReport = { name: string; killed: number; left: ProcessIdentity[] };

export type MemberSpec = {
  name: string;
  /** The TypeScript file, relative to the repository's root. */
  main: string;
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
  stateFolder: string;
};

/** Starts a process with a log file of its own, in a session of its own: a Ctrl-C in the terminal reaches only us. */
export function startMember(spec: MemberSpec): Member {
  const log = join(spec.stateFolder, "logs", `${spec.name}.log`);
  const logFile = openSync(log, "a", 0o600);
  const main = fileURLToPath(new URL(`../../${spec.main}`, import.meta.url));
  const child = spawn(process.execPath, ["--import", EXIT_WITH_PARENT, main, ...(spec.args ?? [])], {
    env: { ...inherited(), ...spec.env },
    stdio: ["pipe", "pipe", logFile],
    detached: true,
  });
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
    child.once("error", () => resolve({ code: null, signal: null }));
  });
  const failure = async () => {
    const { code, signal } = await exited;
    return memberFailed(spec.name, log, `it ended with ${signal ?? `code ${code}`}: ${await lastWords(log)}`);
  };
  const firstLine = readFirstLine(child, log).catch(async () => {
    throw await failure();
  });
  firstLine.catch(() => {});
  closeSync(logFile);
  const own = child.pid === undefined ? undefined : identify(child.pid);
  if (own === undefined) throw memberFailed(spec.name, log, "it could not be started");
  // A process that has ended has closed its end of the pipe.
  child.stdin?.on("error", () => {});
  const stop = async (graceMs = 20_000): Promise<StopReport> => {
    const roots = [own];
    const before = processesOf({ roots });
    signalProcess(own, "SIGTERM");
    await within(exited, graceMs);
    const remaining = processesOf({ roots: [own, ...before] });
    for (const one of remaining) signalProcess(one, "SIGKILL");
    for (let i = 0; i < 100 && processesOf({ roots: [own, ...before] }).length > 0; i++) await sleep(20);
    return {
      name: spec.name,
      killed: remaining.length,
      left: processesOf({ roots: [own, ...before] }),
    };
  };
  const kill = async () => {
    const all = processesOf({ roots: [own] });
    for (const one of all) signalProcess(one, "SIGKILL");
    await exited;
  };
  return { name: spec.name, log, process: own, exited, firstLine, failure, stop, kill };
}

/** What a process of the network may know of this shell: not the engineer's keys and tokens. */
function inherited(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name, value]) =>
      value !== undefined && !/^(IONET_(?!CACHE|PYTHON)|NODE_OPTIONS$|VITEST|RAY_)/.test(name),
  );
  return Object.fromEntries(kept.map(([name, value]) => [name, value ?? ""]));
}

/** The first line goes to whoever waits for it, the rest to the log. */
function readFirstLine(child: ChildProcess, log: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    let found = false;
    const file = createWriteStream(log, { flags: "a" });
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      file.write(chunk);
      if (found) return;
      text += chunk;
      const end = text.indexOf("\n");
      if (end < 0) return;
      found = true;
      resolve(text.slice(0, end));
    });
    child.stdout?.on("close", () => {
      file.end();
      if (!found) reject(new Error("no line"));
    });
  });
}

async function lastWords(log: string): Promise<string> {
  const text = await readFile(log, "utf8").catch(() => "");
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !/^(\s+at |Node\.js v|})/.test(line));
  return lines.slice(-3).join(" | ").slice(-600) || "it said nothing";
}

function memberFailed(name: string, log: string, why: string) {
  return new CommandProblem(
    /port[-_]taken/i.test(why) ? "port-taken" : "network-start-failed",
    `${name}: ${why}`,
    {
      field: name,
      given: `see ${log}`,
      allowed: "a process that starts",
      next: /port[-_]taken/i.test(why)
        ? "choose other ports with --port and --rpc-port (0: free ones), or end what listens there"
        : "read the log; `ionet network up --state DIR` keeps it",
    },
  );
}

const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

async function within(promise: Promise<unknown>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([promise, limit]);
  clearTimeout(timer);
}
