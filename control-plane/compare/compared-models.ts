import { gpuModelsNamed, unknownGpuModel } from "@ionet/protocol";

/** The models that a name means: "a100" means both sizes of it. Throws `gpu-model-unknown` with the nearest ids. */
export function comparedModels(given: string): string[] {
  const models = gpuModelsNamed(given).map(({ id }) => id);
  if (models.length === 0) throw unknownGpuModel(given);
  return models;
}
