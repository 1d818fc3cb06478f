import type { SourceRow } from "./source-table.ts";

/*
 * What the list of specifications says wrongly or not at all, put right from the manufacturers' data sheets; by its name of
 * the board. Throughput is FP16 with tensor or matrix units, dense, FP32 accumulate where the sheet tells them apart.
 */
export type GpuCorrection = {
  vramGib?: number;
  tdpWatts?: number;
  fp16TensorTflops?: number;
  memoryBandwidthGbS?: number;
  note: string;
};

const dieOnly =
  "the list has one die; whole product from NVIDIA's data sheet (4.5 PFLOPS with sparsity, halved)";
const sparse1671 = "NVIDIA's data sheet: 1,671 TFLOPS with sparsity, halved";
const matrixListed = "AMD's matrix figure, dense";

export const gpuCorrections: Readonly<Record<string, GpuCorrection>> = {
  B300: { vramGib: 288, memoryBandwidthGbS: 8000, fp16TensorTflops: 2250, note: dieOnly },
  B200: { vramGib: 180, memoryBandwidthGbS: 8000, fp16TensorTflops: 2250, note: dieOnly },
  "H200 SXM 141 GB": {
    fp16TensorTflops: 989.4,
    note: "the list prints the figure with sparsity; dense from NVIDIA's data sheet (1,979 with sparsity, halved)",
  },
  "H200 NVL": { fp16TensorTflops: 835.5, note: sparse1671 },
  "H100 NVL 94 GB": { fp16TensorTflops: 835.5, note: sparse1671 },
  L40S: { tdpWatts: 350, fp16TensorTflops: 362.05, note: "power and throughput from NVIDIA's data sheet" },
  "Tesla V100 SXM2 32 GB": { tdpWatts: 300, note: "power from NVIDIA's data sheet" },
  "Tesla V100 SXM2 16 GB": { tdpWatts: 300, note: "power from NVIDIA's data sheet" },
  "Tesla V100 PCIe 16 GB": { tdpWatts: 250, note: "power from NVIDIA's data sheet" },
  "TITAN V": { fp16TensorTflops: 110, note: "throughput from NVIDIA's data sheet" },
  "Radeon Instinct MI355X": { fp16TensorTflops: 2516.6, note: "throughput from AMD's data sheet, dense" },
  "Radeon Instinct MI325X": {
    vramGib: 256,
    memoryBandwidthGbS: 6000,
    fp16TensorTflops: 1307.4,
    note: "memory and throughput from AMD's data sheet, dense",
  },
  "Radeon Instinct MI300X": {
    memoryBandwidthGbS: 5300,
    fp16TensorTflops: 1307.4,
    note: "bandwidth and throughput from AMD's data sheet, dense",
  },
  "Radeon Instinct MI250X": { fp16TensorTflops: 383, note: matrixListed },
  "Radeon Instinct MI250": { fp16TensorTflops: 362.1, note: matrixListed },
  "Radeon Instinct MI210": { fp16TensorTflops: 181, note: matrixListed },
  "Radeon Instinct MI100": { fp16TensorTflops: 184.6, note: matrixListed },
};

const unlisted = (row: Record<string, string>): SourceRow => ({
  vendor: "NVIDIA",
  class: "datacenter",
  tensor_cores: "",
  fp32_tflops: "",
  ...row,
});

/** Boards that are sold and that the list does not have, in its columns. */
export const unlistedGpus: readonly SourceRow[] = [
  unlisted({
    name: "GH200",
    architecture: "Hopper",
    vram_gb: "96",
    memory_type: "HBM3",
    tdp_w: "1000",
    tensor_fp16_tflops: "989.4",
    memory_bandwidth_gb_s: "4000",
    launch_year: "2023",
    caveat:
      "not in the list; NVIDIA's data sheet (1,979 TFLOPS with sparsity, halved). Power is that of the whole module with its CPU, which can be set from 450 to 1,000 W; the GPU's own is not published",
    source_url: "https://resources.nvidia.com/en-us-grace-cpu/grace-hopper-superchip",
  }),
  unlisted({
    name: "GH200 144 GB",
    architecture: "Hopper",
    vram_gb: "144",
    memory_type: "HBM3e",
    tdp_w: "1000",
    tensor_fp16_tflops: "989.4",
    memory_bandwidth_gb_s: "4900",
    launch_year: "2024",
    caveat:
      "not in the list; NVIDIA's data sheet (1,979 TFLOPS with sparsity, halved). Power is that of the whole module with its CPU, which can be set from 450 to 1,000 W; the GPU's own is not published",
    source_url: "https://resources.nvidia.com/en-us-grace-cpu/grace-hopper-superchip",
  }),
  unlisted({
    name: "GB200",
    architecture: "Blackwell",
    vram_gb: "186",
    memory_type: "HBM3e",
    tdp_w: "1200",
    tensor_fp16_tflops: "2500",
    memory_bandwidth_gb_s: "8000",
    launch_year: "2024",
    caveat:
      "not in the list; one of the two GPUs of a module: a 72nd of NVIDIA's figures for GB200 NVL72 (13.4 TB, 576 TB/s, 360 PFLOPS with sparsity, halved)",
    source_url: "https://www.nvidia.com/en-us/data-center/gb200-nvl72/",
  }),
  unlisted({
    name: "H20 SXM5",
    architecture: "Hopper",
    vram_gb: "96",
    memory_type: "HBM3",
    tdp_w: "400",
    tensor_fp16_tflops: "148",
    memory_bandwidth_gb_s: "4000",
    launch_year: "2023",
    caveat: "not in the list; second-hand: NVIDIA has published no data sheet of it",
    source_url: "https://willitrunai.com/es/gpus/h20-96gb",
  }),
  unlisted({
    name: "Tesla V100S PCIe",
    architecture: "Volta",
    vram_gb: "32",
    memory_type: "HBM2",
    tdp_w: "250",
    tensor_fp16_tflops: "130",
    memory_bandwidth_gb_s: "1134",
    launch_year: "2019",
    caveat: "not in the list; NVIDIA's data sheet",
    source_url:
      "https://images.nvidia.com/content/technologies/volta/pdf/volta-v100-datasheet-update-us-1165301-r5.pdf",
  }),
];

/**
 * Dense FP16 tensor throughput with FP32 accumulate as a multiple of FP32 throughput, where a card's own figure is not in
 * the list. From NVIDIA's architecture papers (Turing, GA100, GA102, Ada, Blackwell RTX): consumer cards run it at half rate.
 */
export function tensorPerFp32(architecture: string, cardClass: string, memory: string): number | null {
  if (architecture === "Turing") return cardClass === "consumer" ? 4 : 8;
  if (architecture === "Ampere" && memory.startsWith("HBM")) return 16;
  if (/^(Ampere|Ada Lovelace|Blackwell 2\.0)$/.test(architecture)) return cardClass === "consumer" ? 2 : 4;
  return null;
}
