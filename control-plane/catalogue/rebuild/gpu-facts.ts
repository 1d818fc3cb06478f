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
