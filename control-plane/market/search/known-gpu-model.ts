import {
  canonicalGpuModel,
  gpuModels,
  gpuModelsMeant,
  gpuModelsNamed,
  unknownGpuModel,
  unknownModelProblem,
} from "@ionet/protocol";
import type { AskedQuery } from "./asked-query.ts";

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

/**
 * The ids of all models that the market knows by what was typed: "a100" means both sizes of it. Throws `gpu-model-unknown`
 * with the nearest ids.
 */
export function knownGpuModels(given: string): string[] {
  const models = gpuModelsNamed(given).map(({ id }) => id);
  if (models.length === 0) throw unknownGpuModel(given);
  return models;
}

/**
 * Refuses a query whose names mean no model at all, neither one that the market knows nor one that somebody offers, and
 * says where in its text they stand.
 */
export function checkGpuModels({ query, models, text }: AskedQuery, offered: readonly string[]): void {
  for (const word of [...(query.gpuModel ?? []), ...(query.notGpuModel ?? [])]) {
    if (gpuModelsMeant(word, offered).length > 0) continue;
    const place = models.get(word);
    throw place === undefined ? unknownGpuModel(word) : unknownModelProblem({ text, ...place });
  }
}
