import { gpuModelsNamed, nearestGpuModels, problem } from "@ionet/protocol";

/** The models that a name means: "a100" means both sizes of it. Throws `gpu-model-unknown` with the nearest ids. */
export function comparedModels(given: string): string[] {
  const models = gpuModelsNamed(given).map(({ id }) => id);
  if (models.length > 0) return models;
  const nearest = nearestGpuModels(given);
  throw problem("gpu-model-unknown", {
    detail: `the catalogue knows no GPU model "${given}"`,
    field: "gpuModel",
    given,
    allowed: `for example ${nearest.join(", ")}`,
    next: `Did you mean ${nearest[0]}?`,
  });
}
