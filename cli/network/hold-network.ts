import { access, rm } from "node:fs/promises";
import { join } from "node:path";
import { identify, isAlive } from "@ionet/machine";
import { CommandProblem } from "../problem-text.ts";
import { type NetworkDescription, readDescription } from "./description.ts";
import type { StopReport } from "./member.ts";
import {
  EndedWhileStarting,
  type NetworkOptions,
  type RunningNetwork,
  startNetwork,
} from "./start-network.ts";

/**
 * Starts a network, holds it until `signal`, stops it. Rejects when it can't start; told to end before it was ready, it
 * says what it had started until then, and `onReady` was not called.
 */
export async function holdNetwork(
  options: NetworkOptions & {
    signal: AbortSignal;
    onReady: (network: RunningNetwork) => Promise<void> | void;
  },
): Promise<StopReport[]> {
  const { stateFolder, signal } = options;
  await refuseSecond(stateFolder);
  const network = await startNetwork(options).catch((error: unknown) => {
    if (error instanceof EndedWhileStarting) return error;
    throw error;
  });
  if (network instanceof EndedWhileStarting) return network.reports;
  try {
    await options.onReady(network);
    if (!signal.aborted) {
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    }
  } catch (error) {
    await network.stop();
    throw error;
  }
  const reports = await network.stop();
  await rm(join(stateFolder, "network.json"), { force: true });
  return reports;
}

/** The network of a state folder that runs now; undefined when none does. */
export async function runningNetwork(stateFolder: string): Promise<NetworkDescription | undefined> {
  const there = await access(stateFolder).then(
    () => true,
    () => false,
  );
  const description = there ? await readDescription(stateFolder) : undefined;
  return description && isAlive(description.keeper) ? description : undefined;
}

async function refuseSecond(stateFolder: string): Promise<void> {
  const running = await runningNetwork(stateFolder);
  if (running === undefined || identify(running.keeper.pid)?.pid === process.pid) return;
  throw new CommandProblem("network-already-running", "a network runs in this state folder already", {
    field: "state",
    given: `${stateFolder}, held by process ${running.keeper.pid} at ${running.url}`,
    allowed: "one network in one state folder",
    next: "use it, end it with `ionet network down`, or name another folder with --state",
  });
}
