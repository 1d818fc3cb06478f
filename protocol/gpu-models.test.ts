import { expect, test } from "vitest";
import {
  canonicalGpuModel,
  countedGpuModels,
  findGpuModel,
  gpuModels,
  gpuModelsNamed,
  nearestGpuModels,
} from "./gpu-models.ts";
import { unknownGpuModel } from "./unknown-gpu-model.ts";

test.each([
  ["NVIDIA A100-SXM4-40GB", 40960, "a100-40gb"],
  ["NVIDIA A100 80GB PCIe", 81920, "a100-80gb"],
  ["a100_40gb", undefined, "a100-40gb"],
  ["A100 40GB", undefined, "a100-40gb"],
  ["NVIDIA H100 80GB HBM3", 81559, "h100-80gb"],
  ["NVIDIA H200", 143771, "h200"],
  ["NVIDIA GeForce RTX 3090", 24576, "rtx-3090"],
  ["rtx3090", undefined, "rtx-3090"],
  ["Tesla T4", 15360, "t4"],
  ["NVIDIA GeForce GTX 1070 Ti", 8192, "gtx-1070-ti"],
  ["Quadro P400", 2048, "quadro-p400"],
  // Error correction and the driver take their share: what nvidia-smi tells of cards with 24, 48, 288 and 96 GB.
  ["NVIDIA A10G", 22731, "a10g"],
  ["NVIDIA L40S", 46068, "l40s"],
  ["NVIDIA B300 SXM6 AC", 275040, "b300"],
  ["NVIDIA GH200 480GB", 97871, "gh200"],
  // Memory of no size that the chip is sold with: another card, whatever its name.
  ["NVIDIA GeForce RTX 5060 Ti", 8151, "rtx-5060-ti-8gb"],
  ["NVIDIA GeForce RTX 3080", 20480, "rtx-3080-20gb"],
  ["NVIDIA GeForce RTX 4090", 49140, "rtx-4090-48gb"],
  ["NVIDIA GeForce RTX 2080 Ti", 22528, "rtx-2080-ti-22gb"],
  ["NVIDIA GeForce RTX 3060", 8192, "rtx-3060-8gb"],
  ["NVIDIA GeForce RTX 2060", 12288, "rtx-2060-12gb"],
  ["Tesla M40 24GB", 24576, "m40-24gb"],
  ["NVIDIA A100-SXM-64GB", 65536, "a100-64gb"],
])("%s with %s MiB is %s", (name, vram, id) => {
  expect(canonicalGpuModel(name, vram)).toBe(id);
});

test.each([
  // nvidia-smi and RunPod
  ["NVIDIA H100 NVL", "h100-94gb"],
  ["NVIDIA H100 PCIe", "h100-80gb"],
  ["NVIDIA RTX 6000 Ada Generation", "rtx-6000-ada"],
  ["NVIDIA RTX PRO 6000 Blackwell Server Edition", "rtx-pro-6000"],
  ["NVIDIA B300 SXM6 AC", "b300"],
  ["Tesla V100-FHHL-16GB", "v100-16gb"],
  ["AMD Instinct MI300X OAM", "mi300x"],
  ["Quadro RTX 6000", "quadro-rtx-6000"],
  // Google Cloud
  ["nvidia-tesla-a100", "a100-40gb"],
  ["nvidia-a100-80gb", "a100-80gb"],
  ["nvidia-h100-mega-80gb", "h100-80gb"],
  ["nvidia-h200-141gb", "h200"],
  ["nvidia-tesla-p100", "p100"],
  // SkyPilot
  ["A100-80GB-SXM", "a100-80gb"],
  ["RTX6000-Ada", "rtx-6000-ada"],
  ["RTXPRO6000WS", "rtx-pro-6000"],
  ["RTXA5000", "rtx-a5000"],
  ["V100-32GB", "v100-32gb"],
  // Vast.ai
  ["RTX_4070S_Ti", "rtx-4070-ti-super"],
  ["RTX 4080S", "rtx-4080-super"],
  ["Q RTX 8000", "quadro-rtx-8000"],
  ["H100_SXM", "h100-80gb"],
  ["RTX_6000Ada", "rtx-6000-ada"],
  ["GTX 1660 S", "gtx-1660-super"],
  // AWS and people
  ["NVIDIA B200 Blackwell", "b200"],
  ["NVIDIA RTX PRO 6000 Blackwell", "rtx-pro-6000"],
  ["4090", "rtx-4090"],
  ["5070ti", "rtx-5070-ti"],
  ["a6000", "rtx-a6000"],
  ["RTX 6000 Pro", "rtx-pro-6000"],
  ["Radeon RX 7900 XTX", "rx-7900-xtx"],
  ["B200 192GB", "b200"],
  ["h100", "h100-80gb"],
  ["rtx 3080", "rtx-3080"],
  ["rtx 3080 12gb", "rtx-3080-12gb"],
  ["A100-80", "a100-80gb"],
  ["a100_80", "a100-80gb"],
  ["v100-32", "v100-32gb"],
  ["NVIDIA A100-SXM4-80GB", "a100-80gb"],
  ["NVIDIA RTX PRO 6000 CC", "rtx-pro-6000"],
  ["RTX 4090 (High freq.)", "rtx-4090"],
  ["Tesla V100S-PCIE-32GB", "v100s"],
  ["NVIDIA H20", "h20"],
  ["NVIDIA GB200", "gb200"],
  ["GH200", "gh200"],
  ["NVIDIA GH200 480GB", "gh200"],
  ["NVIDIA GH200 144G HBM3e", "gh200-144gb"],
  ["GH200-480GB", "gh200"],
  ["gh200_480gb", "gh200"],
  ["GB200 NVL72", "gb200"],
  // Vast.ai, io.net and Akash tell editions of the RTX PROs
  ["RTX PRO 6000 S", "rtx-pro-6000"],
  ["RTX_PRO_6000_WS", "rtx-pro-6000"],
  ["RTXPRO6000-WK", "rtx-pro-6000"],
  ["pro6000se", "rtx-pro-6000"],
  ["A100_SXM4_80GB", "a100-80gb"],
])("%s is %s", (name, id) => {
  expect(findGpuModel(name)?.id).toBe(id);
});

test.each([
  ["8xA100-80GB", 8, ["a100-80gb"]],
  ["8 x A100", 8, ["a100-80gb", "a100-40gb"]],
  ["2×RTX 4090", 2, ["rtx-4090"]],
  ["A100x8", 8, ["a100-80gb", "a100-40gb"]],
  ["A100-80GB:8", 8, ["a100-80gb"]],
  ["MI300X:8", 8, ["mi300x"]],
  ["gpu_8x_a100_80gb_sxm4", 8, ["a100-80gb"]],
  ["gpu_1x_a10", 1, ["a10"]],
  ["gpu_8x_v100_n", 8, ["v100-32gb", "v100-16gb"]],
  ["gpu_8x_h100_sxm5gdr", 8, ["h100-80gb"]],
])("%s is so many of a model, which no name alone says", (name, count, ids) => {
  expect(gpuModelsNamed(name)).toEqual([]);
  const counted = countedGpuModels(name);
  expect([counted?.count, counted?.models.map(({ id }) => id)]).toEqual([count, ids]);
});

test("an x that belongs to a name counts nothing", () => {
  for (const name of ["RX 580", "rx570", "7900 XTX", "MI300X", "a100-40gb", "570 xt", "8x", "nothing:8"]) {
    expect([name, countedGpuModels(name)]).toEqual([name, undefined]);
  }
});

test("words that every JavaScript object knows are names like any other", () => {
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    expect(gpuModelsNamed(name)).toEqual([]);
    expect(typeof canonicalGpuModel(name)).toBe("string");
  }
});

test("what only resembles a model is not taken for it", () => {
  for (const name of [
    "RTX 4090 Laptop GPU",
    "RTX 6000",
    "a100-60gb",
    "RTX 4090D",
    "NVIDIA H100 MIG 1g.10gb",
    "RTX 5060 Ti 8GB",
    "RTX 3080 20GB",
    "RTX PRO 6000 Blackwell Max-Q Workstation Edition",
  ]) {
    expect([name, findGpuModel(name)]).toEqual([name, undefined]);
  }
});

test("a name that could be two sizes is not guessed, and the sizes are offered", () => {
  expect(findGpuModel("a100")).toBeUndefined();
  expect(gpuModelsNamed("NVIDIA A100 PCIe").map(({ id }) => id)).toEqual(["a100-80gb", "a100-40gb"]);
  expect(nearestGpuModels("a100", 2).sort()).toEqual(["a100-40gb", "a100-80gb"]);
});

test.each([
  ["rtx-3900", "rtx-3090"],
  // Three letters from every id, half a letter from the chip: an O looks like a 0.
  ["A10O", "a100-80gb"],
  ["a1000", "a100-80gb"],
  ["a100-40bg", "a100-40gb"],
  ["8xA1000", "a100-80gb"],
  ["LI0", "l40"],
])("a typing mistake finds its neighbours: %s is near %s", (typed, id) => {
  expect(nearestGpuModels(typed)[0]).toBe(id);
});

test("a name that means no one model is refused with what it may mean", () => {
  expect(unknownGpuModel("a100").input).toMatchObject({
    detail: '"a100" could be a100-80gb or a100-40gb',
    closest: ["a100-80gb", "a100-40gb"],
  });
  expect(unknownGpuModel("8xH100").input).toMatchObject({
    detail: '"8xH100" says a count besides the GPU model',
    next: expect.stringContaining("gpuCount 8"),
    closest: ["h100-80gb"],
  });
  expect(unknownGpuModel("A10O").input).toMatchObject({
    detail: expect.stringContaining("knows no GPU model"),
  });
});

test("every model is found by its own id and name, once, and has a source", () => {
  expect(new Set(gpuModels.map(({ id }) => id)).size).toBe(gpuModels.length);
  for (const model of gpuModels) {
    expect(findGpuModel(model.id)?.id).toBe(model.id);
    expect(findGpuModel(model.name)?.id).toBe(model.id);
    expect(canonicalGpuModel(model.name, model.vramGib * 1024)).toBe(model.id);
    expect(model.source).toMatch(/^https:/);
    expect(model.tdpWatts).toBeGreaterThan(40);
  }
});

test("throughput is the dense figure, whatever the list of specifications prints", () => {
  const tflops = (id: string) => findGpuModel(id)?.fp16TensorTflops;
  // 2,000, 1,700 and 1,978.8 in the list: with sparsity, or for two cards. B200: one die of two.
  expect([tflops("h200"), tflops("h100-94gb"), tflops("b200")]).toEqual([989.4, 835.5, 2250]);
  expect([tflops("a100-40gb"), tflops("rtx-4090"), tflops("gtx-1080-ti")]).toEqual([312, 165.2, null]);
  expect(findGpuModel("rtx-4090")?.tensorBasis).toBe("derived");
});
