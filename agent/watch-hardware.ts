import { runCommand } from "./environment/run-command.ts";
import { detectHardware } from "./hardware/detect-hardware.ts";
import type { LocalGpu, LocalHardware } from "./hardware/local-gpu.ts";
import { simulatedGpus } from "./hardware/simulated-gpus.ts";

const LOOK_MS = 30_000;

export type HardwareWatch = { now(): LocalHardware; gpu(index: number): LocalGpu | undefined; stop(): void };

/**
 * What this machine has, looked at every half minute: a GPU can fall off the bus. GPUs declared as simulated stand in for
 * real ones; they are never mixed.
 */
export async function watchHardware(options: {
  folder: string;
  /** Like "2xA100-40GB". */
  simulated?: string;
  nodeName: string;
  onChange: () => void;
}): Promise<HardwareWatch> {
  const { folder, nodeName } = options;
  const declared =
    options.simulated === undefined ? undefined : simulatedGpus({ declared: options.simulated, nodeName });
  const look = async (): Promise<LocalHardware> => {
    const { gpuProblem, ...seen } = await detectHardware({ run: runCommand, folder });
    if (declared !== undefined) {
      // The machine's own driver says nothing of GPUs that exist in name only.
      const { cpus, memoryMib, diskFreeMib } = seen;
      return { cpus, memoryMib, diskFreeMib, gpus: declared };
    }
    return { ...seen, ...(gpuProblem === undefined ? {} : { gpuProblem }) };
  };
  let hardware = await look();
  const timer = setInterval(() => {
    look().then(
      (seen) => {
        const isNew = gpusOf(seen) !== gpusOf(hardware);
        hardware = seen;
        if (isNew) options.onChange();
      },
      () => undefined,
    );
  }, LOOK_MS);
  return {
    now: () => hardware,
    gpu: (index) => hardware.gpus.find((gpu) => gpu.index === index),
    stop: () => clearInterval(timer),
  };
}

const gpusOf = (hardware: LocalHardware) => JSON.stringify([hardware.gpus, hardware.gpuProblem]);
