import { countedGpuModels, type GpuModel, gpuModelsNamed, nearestGpuModels } from "./gpu-models.ts";
import { type Problem, problem } from "./problems.ts";

/**
 * The refusal `gpu-model-unknown` for a name that means no one model: because it could be several, because it says a
 * count besides, or because nobody knows it. `closest` holds the ids that may be meant, best first.
 */
export function unknownGpuModel(given: string): Problem {
  const counted = countedGpuModels(given);
  if (counted !== undefined) return countedModel(given, counted.models, counted.count);
  const several = gpuModelsNamed(given);
  if (several.length > 1) return severalModels(given, several);
  const closest = nearestGpuModels(given);
  return problem("gpu-model-unknown", {
    detail: `the market knows no GPU model "${given}"`,
    field: "gpuModel",
    given,
    allowed: `for example ${closest.join(", ")}`,
    next: `Did you mean ${closest[0]}? \`ionet search\` shows what can be hired.`,
    closest,
  });
}

function severalModels(given: string, models: readonly GpuModel[]): Problem {
  const closest = models.map(({ id }) => id);
  return problem("gpu-model-unknown", {
    detail: `"${given}" could be ${closest.join(" or ")}`,
    field: "gpuModel",
    given,
    allowed: `one of ${closest.join(", ")}`,
    next: "Ask for one of them: they are sold at prices of their own.",
    closest,
  });
}

function countedModel(given: string, models: readonly GpuModel[], count: number): Problem {
  const closest = models.map(({ id }) => id);
  return problem("gpu-model-unknown", {
    detail: `"${given}" says a count besides the GPU model`,
    field: "gpuModel",
    given,
    allowed: `the model alone: ${closest.join(" or ")}`,
    next: `Ask for ${closest[0]} and say the count by itself: gpuCount ${count}, \`-n ${count}\`.`,
    closest,
  });
}
