import { statfs } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import type { RunCommand } from "../environment/run-command.ts";
import { detectGpus } from "./detect-gpus.ts";
import type { LocalHardware } from "./local-gpu.ts";

const MEBIBYTE = 1024 * 1024;

/** What this machine has: real GPUs, CPUs this process may use, memory, and free disk space at `folder`. Never throws for a GPU's sake. */
export async function detectHardware(options: { run: RunCommand; folder: string }): Promise<LocalHardware> {
  const { gpus, problems } = await detectGpus(options.run);
  const disk = await statfs(options.folder);
  return {
    gpus,
    ...(problems.length === 0 ? {} : { gpuProblem: problems.join("; ").slice(0, 500) }),
    cpus: availableParallelism(),
    memoryMib: Math.floor(totalmem() / MEBIBYTE),
    diskFreeMib: Math.floor((disk.bavail * disk.bsize) / MEBIBYTE),
  };
}
