import { editDistance } from "./closest.ts";
import { gpuModelData } from "./generated/gpu-models.ts";
import { splitGpuCount } from "./gpu-counts.ts";
import { type GpuName, readGpuName } from "./gpu-names.ts";

/** How a GPU is mounted, and what that changes. */
export type GpuBoard = {
  /** `superchip`: on one module with a Grace CPU. */
  form: "sxm" | "nvl" | "pcie" | "oam" | "superchip";
  tdpWatts: number;
  fp16TensorTflops: number | null;
  /** To other GPUs of the machine: what the board is made for. A PCIe board may be bridged besides. */
  interconnect: "nvlink" | "pcie" | "infinity-fabric";
  source: string;
};

/** One GPU model as the market names it; where it is sold on several boards, with the strongest one's figures. */
export type GpuModel = {
  /** What engineers type: `a100-40gb`. */
  id: string;
  name: string;
  vendor: "NVIDIA" | "AMD" | "Intel";
  /** Memory of one GPU in GiB. */
  vramGib: number;
  /** Power limit in watts. */
  tdpWatts: number;
  /** FP16 on tensor or matrix units, dense (never the figure with sparsity), FP32 accumulate, in TFLOPS. */
  fp16TensorTflops: number | null;
  /** `derived`: from FP32 throughput and the architecture's ratio; `none`: it has no such units. */
  tensorBasis: "published" | "derived" | "none" | "unknown";
  memoryBandwidthGbS: number;
  interconnect: GpuBoard["interconnect"];
  launchYear: number;
  /** What is special about these figures; null: nothing. */
  note: string | null;
  source: string;
  boards: readonly GpuBoard[];
};

/** The models the market knows. */
export const gpuModels: readonly GpuModel[] = gpuModelData;

const byId: ReadonlyMap<string, GpuModel> = new Map(gpuModels.map((model) => [model.id, model]));

/** The model with this id; undefined for a model that the market does not know. */
export const gpuModel = (id: string): GpuModel | undefined => byId.get(id);

/** Of a chip that is sold with several sizes of memory, the one that its bare name means everywhere. */
const usual: ReadonlySet<string> = new Set(["h100-80gb", "gh200", "rtx-3080", "rtx-a2000"]);

/**
 * How far a card's memory may be from the size that its model is sold with, as a share of it. Drivers keep some for
 * themselves, error correction takes a sixteenth, and sizes are told in round figures (192 GB for 180 GiB): all that is
 * below a tenth, and no two sizes of a chip that sell at different prices are so near. What is further off is another card.
 */
const NEAR_SIZE = 0.1;

/** Whether a card with so much memory (MiB) can be this model: within a tenth of the size it is sold with. */
export const fitsMemory = ({ vramGib }: GpuModel, vramMib: number): boolean =>
  Math.abs(vramGib * 1024 - vramMib) <= vramGib * 1024 * NEAR_SIZE;

/** A model's id without its size. */
function bareId({ id, vramGib }: GpuModel): string {
  return id.replace(`-${vramGib}gb`, "");
}

/** Of each model how its chip is written. */
const chipNamesOf: ReadonlyMap<string, readonly string[]> = new Map(
  gpuModels.map((model) => [model.id, chipNames(model)]),
);

const byChip: ReadonlyMap<string, readonly GpuModel[]> = (() => {
  const map = new Map<string, GpuModel[]>();
  for (const model of gpuModels) {
    for (const key of chipNamesOf.get(model.id) ?? []) map.set(key, [...(map.get(key) ?? []), model]);
  }
  return map;
})();

/** How a chip is written, without spaces: rtx4070tisuper, 4070tisuper, rtx4070sti, rtx4070tis. */
function chipNames(model: GpuModel): string[] {
  const { chip } = readGpuName(model.id);
  const names = [chip];
  if (/^(?:rtx|gtx|rx)\d/.test(chip)) names.push(chip.replace(/^(?:rtx|gtx|rx)/, ""));
  if (/^rtx(?:a|pro)\d{4}/.test(chip)) names.push(chip.replace(/^rtx/, ""));
  if (chip.startsWith("quadro")) names.push(chip.replace(/^quadro/, "q"));
  const short = names.filter((name) => name.endsWith("super")).map((name) => name.replace(/super$/, "s"));
  const swapped = short.filter((name) => name.endsWith("tis")).map((name) => name.replace(/tis$/, "sti"));
  return [...names, ...short, ...swapped];
}

/**
 * The models that a name can mean: one for "NVIDIA A100-SXM4-40GB", two for "a100", none for what the market does not
 * know. `vramMib`, where it was measured, decides between the sizes of a chip, and none means a card whose memory is no
 * size of it. A count ("8xA100") is no part of a name:
 * `countedGpuModels` reads it.
 */
export function gpuModelsNamed(name: string, vramMib?: number): GpuModel[] {
  if (vramMib !== undefined) {
    const sizes = byChip.get(partsOf(name).chip) ?? [];
    return nearestFirst(
      sizes.filter((model) => fitsMemory(model, vramMib)),
      vramMib / 1024,
    ).slice(0, 1);
  }
  const named = modelsSaid(name);
  return named.length > 0 || !SIZE_ALONE.test(name) ? named : modelsSaid(name.replace(SIZE_ALONE, " $1gb"));
}

/** A size without its unit, last or before the board: `A100-80`, `a100_80_sxm4`. */
const SIZE_ALONE = /[\s_-](\d{2,3})(?=$|[\s_-](?:sxm|pcie|nvl))/i;

function modelsSaid(name: string): GpuModel[] {
  const { chip, gib, form } = partsOf(name);
  const sizes = byChip.get(chip) ?? [];
  const sized = gib === null ? sizes : sizes.filter((model) => fitsMemory(model, gib * 1024));
  const formed = sized.filter(({ boards }) => boards.some((board) => board.form === form));
  const named = form === null || formed.length === 0 ? sized : formed;
  if (gib !== null) return nearestFirst(named, gib).slice(0, 1);
  const meant = named.filter(({ id }) => usual.has(id));
  return meant.length > 0 ? meant : [...named];
}

const nearestFirst = (models: readonly GpuModel[], gib: number): GpuModel[] =>
  [...models].sort((a, b) => Math.abs(a.vramGib - gib) - Math.abs(b.vramGib - gib));

/** The models of a name that says a count besides (`8xA100`, `A100:8`), that count, and the name without it. */
export function countedGpuModels(
  text: string,
): { models: GpuModel[]; count: number; name: string } | undefined {
  const split = splitGpuCount(text);
  if (split === null || gpuModelsNamed(text).length > 0) return undefined;
  const models = gpuModelsNamed(split.name);
  return models.length > 0 ? { ...split, models } : undefined;
}

/**
 * The canonical id of a GPU however it is written: "NVIDIA A100-SXM4-40GB", "A100 40GB", "a100_40gb" are all `a100-40gb`.
 * `vramMib`, where known, decides between sizes of one chip; a card of a known chip with memory of no size of it is called
 * by what it has: `rtx-3080-20gb`. A model nobody knows becomes a slug of its own name.
 */
export function canonicalGpuModel(name: string, vramMib?: number): string {
  const [first, second] = gpuModelsNamed(name, vramMib);
  if (first !== undefined && second === undefined) return first.id;
  const { slug, chip } = partsOf(name);
  const [sibling] = vramMib === undefined ? [] : (byChip.get(chip) ?? []);
  if (vramMib === undefined || sibling === undefined) return slug;
  return `${bareId(sibling)}-${Math.max(1, Math.round(vramMib / 1024))}gb`;
}

/** Looks a model up as a person would type it; undefined when the market does not know it, or when it could be several. */
export function findGpuModel(text: string): GpuModel | undefined {
  return byId.get(canonicalGpuModel(text));
}

/** The board of a model that a name tells ("A100 PCIe 40GB"); the strongest one when it tells none. */
export function gpuBoard(model: GpuModel, name: string): GpuBoard | undefined {
  const { form } = readGpuName(name);
  return model.boards.find((board) => board.form === form) ?? model.boards[0];
}

/** No name is longer; of what is, the rest says nothing about which was meant. */
const LONGEST_NAME = 60;

/** The known models closest to what was typed, best first, for an error message: by id, by chip, and by chip alone. */
export function nearestGpuModels(text: string, count = 3): string[] {
  const typed = text.slice(0, LONGEST_NAME);
  const { slug, chip } = readGpuName(splitGpuCount(typed)?.name ?? typed);
  return gpuModels
    .map((model) => {
      const byId = editDistance(slug, model.id) - (model.id.startsWith(slug) ? 10 : 0);
      return {
        id: model.id,
        byId,
        distance: Math.min(byId, ...(chipNamesOf.get(model.id) ?? []).map((one) => editDistance(chip, one))),
      };
    })
    .sort((a, b) => a.distance - b.distance || a.byId - b.byId)
    .slice(0, count)
    .map((model) => model.id);
}

/** A chip that is sold with several sizes of memory, as it is typed alone: `a100`; the models themselves besides. */
export const gpuWords: readonly string[] = [
  ...new Set(gpuModels.flatMap((model) => [bareId(model), model.id])),
];

/** What most people type, taken apart once. */
const usualNames: ReadonlyMap<string, GpuName> = new Map(gpuWords.map((word) => [word, readGpuName(word)]));
const partsOf = (name: string): GpuName => usualNames.get(name.toLowerCase()) ?? readGpuName(name);
