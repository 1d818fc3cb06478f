import { isAlive, type ProcessIdentity, processesOf, signalProcess } from "@ionet/machine";
import { pause } from "@ionet/sdk";
import type { NetworkDescription } from "./description.ts";

export type DownReport = { ended: number; killed: number; left: ProcessIdentity[] };

const GRACE_MS = 60_000;
const STEP_MS = 100;

/** Ends a running network from outside: its keeper ends the rest; what does not end is killed. */
export async function stopNetwork(network: NetworkDescription): Promise<DownReport> {
  const roots = [network.keeper, ...network.processes];
  const all = processesOf({ roots });
  signalProcess(network.keeper, "SIGTERM");
  for (let waited = 0; waited < GRACE_MS && isAlive(network.keeper); waited += STEP_MS) await pause(STEP_MS);
  const alive = () => processesOf({ roots: [...roots, ...all] });
  const killed = alive();
  for (const one of killed) signalProcess(one, "SIGKILL");
  for (let waited = 0; waited < 2_000 && alive().length > 0; waited += STEP_MS) await pause(STEP_MS);
  return { ended: all.length, killed: killed.length, left: alive() };
}
