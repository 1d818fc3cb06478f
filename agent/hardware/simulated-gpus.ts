import { findGpuModel, gpuModels, nearestGpuModels } from "@ionet/protocol";
import { machineProblem } from "../environment/machine-problem.ts";
import type { LocalGpu } from "./local-gpu.ts";

const MOST = 64;

/**
 * GPUs that exist in name only, declared as such: "4xA100-40GB", "2xRTX-3090", or several parted by commas. They are
 * leased, scheduled and metered like real ones, and no program finds a device behind them. Throws `gpus-invalid`.
 *
 * @param request.nodeName makes the uuids differ between nodes
 */
export function simulatedGpus(request: { declared: string; nodeName: string }): LocalGpu[] {
  const gpus: LocalGpu[] = [];
  for (const part of request.declared.split(",")) {
    const [, count = "", wanted = ""] = /^\s*(\d+)\s*[x×]\s*(.+?)\s*$/i.exec(part) ?? [];
    const model = findGpuModel(wanted);
    if (wanted === "" || model === undefined || Number(count) < 1 || gpus.length + Number(count) > MOST) {
      const near = wanted === "" ? gpuModels.map(({ id }) => id) : nearestGpuModels(wanted);
      throw machineProblem("gpus-invalid", {
        field: "simulated GPUs",
        given: part.trim() === "" ? "nothing" : part.trim(),
        allowed: `COUNTxMODEL, at most ${MOST} in all, with a model like ${near.join(", ")}`,
        next: "Write for example 4xA100-40GB.",
      });
    }
    for (let i = 0; i < Number(count); i++) {
      const index = gpus.length;
      gpus.push({
        index,
        uuid: `SIM-${request.nodeName}-${index}`.slice(0, 100),
        model: model.id,
        name: `${model.name} (simulated)`,
        vramMib: model.vramGib * 1024,
        powerLimitWatts: model.tdpWatts,
        simulated: true,
      });
    }
  }
  return gpus;
}
