import { statfs } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import type { RunCommand } from "../environment/run-command.ts";
import { detectGpus } from "./detect-gpus.ts";
import type { LocalHardware } from "./local-gpu.ts";
import { parseTopology } from "./parse-topology.ts";

const MEBIBYTE = 1024 * 1024;
const TOPOLOGY_LIMIT_MS = 15_000;

/** What this machine has: real GPUs with their driver and how they are joined, CPUs this process may use, memory, and free disk space at `folder`. Never throws for a GPU's sake. */
export async function detectHardware(options: { run: RunCommand; folder: string }): Promise<LocalHardware> {
  const { gpus, problems, driverVersion, cudaVersion } = await detectGpus(options.run);
  const interconnect = gpus.length < 2 ? undefined : await detectInterconnect(options.run);
  const disk = await statfs(options.folder);
  return {
    gpus,
    ...(problems.length === 0 ? {} : { gpuProblem: problems.join("; ").slice(0, 500) }),
    ...(driverVersion === undefined ? {} : { driverVersion }),
    ...(cudaVersion === undefined ? {} : { cudaVersion }),
    ...(interconnect === undefined ? {} : { interconnect }),
    cpus: availableParallelism(),
    memoryMib: Math.floor(totalmem() / MEBIBYTE),
    diskFreeMib: Math.floor((disk.bavail * disk.bsize) / MEBIBYTE),
  };
}

async function detectInterconnect(run: RunCommand) {
  const answer = await run(["nvidia-smi", "topo", "-m"], { timeoutMs: TOPOLOGY_LIMIT_MS });
  return answer.code === 0 ? parseTopology(answer.stdout) : undefined;
}
