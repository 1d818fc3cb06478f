import { expect, test } from "vitest";
import { canonicalGpuModel, findGpuModel, nearestGpuModels } from "./gpu-models.ts";

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
])("%s with %s MiB is %s", (name, vram, id) => {
  expect(canonicalGpuModel(name, vram)).toBe(id);
});

test("a name that could be two sizes is not guessed, and the sizes are offered", () => {
  expect(findGpuModel("a100")).toBeUndefined();
  expect(nearestGpuModels("a100", 2).sort()).toEqual(["a100-40gb", "a100-80gb"]);
});

test("a typing mistake finds its neighbours", () => {
  expect(nearestGpuModels("rtx-3900")).toContain("rtx-3090");
});
