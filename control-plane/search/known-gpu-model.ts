import { canonicalGpuModel, gpuModels, nearestGpuModels, problem } from "@ionet/protocol";

/**
 * The canonical id of what was typed. Throws `gpu-model-unknown` with the nearest ids, when the market does not know the
 * model and nobody offers it (`offered`: the models of the offers there are), or when the text could be several.
 */
export function knownGpuModel(given: string, offered: Iterable<string>): string {
  const id = canonicalGpuModel(given);
  if (gpuModels.some((model) => model.id === id) || new Set(offered).has(id)) return id;
  const nearest = nearestGpuModels(given);
  throw problem("gpu-model-unknown", {
    detail: `the market knows no GPU model "${given}"`,
    field: "gpuModel",
    given,
    allowed: `for example ${nearest.join(", ")}`,
    next: `Did you mean ${nearest[0]}? \`ionet search\` shows what can be hired.`,
  });
}
