import { canonicalGpuModel, gpuModels, gpuModelsMeant, unknownGpuModel } from "@ionet/protocol";

/**
 * The canonical id of what was typed. Throws `gpu-model-unknown` with the nearest ids, when the market does not know the
 * model and nobody offers it (`offered`: the models of the offers there are, asked only then), or when the text could be
 * several.
 */
export async function knownGpuModel(given: string, offered: () => Promise<string[]>): Promise<string> {
  const id = canonicalGpuModel(given);
  if (gpuModels.some((model) => model.id === id) || (await offered()).includes(id)) return id;
  throw unknownGpuModel(given);
}

/** Refuses names that mean no model at all: neither one that the market knows nor one that somebody offers. */
export function checkGpuModels(given: readonly string[], offered: readonly string[]): void {
  for (const word of given) {
    if (gpuModelsMeant(word, offered).length === 0) throw unknownGpuModel(word);
  }
}
