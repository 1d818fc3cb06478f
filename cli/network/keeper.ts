import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { identify, isAlive, type ProcessIdentity, processesOf } from "@ionet/machine";
import { pause } from "@ionet/sdk";
import { z } from "zod";
import { networkDescriptionSchema } from "./description.ts";

const keeperLineSchema = z.discriminatedUnion("event", [
  z.object({
    event: z.literal("progress"),
    part: z.enum(["chain", "control-plane", "suppliers", "agents"]),
    message: z.string(),
  }),
  z.object({ event: z.literal("ready"), network: networkDescriptionSchema }),
  z.object({ event: z.literal("kept") }),
  z.object({
    event: z.literal("stopped"),
    processes: z.number(),
    killed: z.array(z.string()),
    left: z.array(z.object({ pid: z.number(), startTime: z.string() })),
  }),
  z.object({
    event: z.literal("problem"),
    problem: z.object({
      code: z.string(),
      title: z.string().optional(),
      detail: z.string(),
      field: z.string().optional(),
      given: z.string().optional(),
      allowed: z.string().optional(),
      next: z.string().optional(),
    }),
  }),
]);

/** What the keeper process says, a line of JSON each. */
export type KeeperLine = z.input<typeof keeperLineSchema>;
type Heard = z.output<typeof keeperLineSchema>;
type Of<Event extends Heard["event"]> = Extract<Heard, { event: Event }>;

/** A network held by a process of its own, which can outlive this one when it is told to. */
export type Keeper = {
  ready: Promise<Of<"ready">["network"]>;
  /** Ends the network; says what had to be killed and what is left. */
  stop(): Promise<Of<"stopped">>;
  /** Lets the network run on when this process ends. */
  keep(): Promise<void>;
};

/** A keeper's refusal, as it reported it. */
export class KeeperProblem extends Error {
  override readonly name = "KeeperProblem";
  readonly code: string;
  readonly context: Omit<Of<"problem">["problem"], "code" | "title" | "detail">;

  constructor({ code, title, detail, ...context }: Of<"problem">["problem"]) {
    super(title === undefined ? detail : `${title}: ${detail}`);
    this.code = code;
    this.context = context;
  }
}

/** Starts a keeper with a network in the state folder, on free ports. */
export function startKeeper(options: {
  stateFolder: string;
  onProgress: (progress: Of<"progress">) => void;
}): Keeper {
  const main = fileURLToPath(new URL("./main.ts", import.meta.url));
  // A session of its own: Ctrl-C reaches this process first, which then ends the network in order.
  const child = spawn(process.execPath, [main, options.stateFolder], {
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
  });
  const heard = listen(child, options.onProgress);
  return {
    ready: heard.ready,
    async stop() {
      heard.look();
      child.stdin?.end();
      return heard.stopped;
    },
    async keep() {
      child.stdin?.write("keep\n");
      await heard.kept;
      child.stdin?.end();
      child.stdout?.destroy();
      child.unref();
    },
  };
}

function listen(child: ChildProcess, onProgress: (progress: Of<"progress">) => void) {
  const ready = Promise.withResolvers<Of<"ready">["network"]>();
  const kept = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<Of<"stopped">>();
  // Each may end without anybody waiting for it.
  for (const { promise } of [ready, kept]) promise.catch(() => {});
  let seen: ProcessIdentity[] = [];
  const look = () => {
    const keeper = child.pid === undefined ? undefined : identify(child.pid);
    if (keeper) seen = processesOf({ roots: [keeper] }).filter(({ pid }) => pid !== keeper.pid);
  };
  const gone = (error: Error) => {
    ready.reject(error);
    kept.reject(error);
    // It did not say what became of its processes; without it they end by themselves.
    void untilEnded(seen).then((left) =>
      stopped.resolve({ event: "stopped", processes: seen.length - left.length, killed: [], left }),
    );
  };
  child.stdin?.on("error", () => {});
  child.once("error", gone);
  child.once("close", (code) => gone(new Error(`the network's process ended with code ${code}`)));
  if (child.stdout) {
    createInterface({ input: child.stdout }).on("line", (text) => {
      const line = keeperLineSchema.parse(JSON.parse(text));
      look();
      if (line.event === "progress") onProgress(line);
      else if (line.event === "ready") ready.resolve(line.network);
      else if (line.event === "kept") kept.resolve();
      else if (line.event === "stopped") stopped.resolve(line);
      else ready.reject(new KeeperProblem(line.problem));
    });
  }
  return { ready: ready.promise, kept: kept.promise, stopped: stopped.promise, look };
}

const GRACE_MS = 20_000;
const STEP_MS = 50;

/** Waits for processes to end; returns those that do not. */
async function untilEnded(processes: readonly ProcessIdentity[]): Promise<ProcessIdentity[]> {
  for (let waited = 0; waited < GRACE_MS && processes.some(isAlive); waited += STEP_MS) await pause(STEP_MS);
  return processes.filter(isAlive);
}
