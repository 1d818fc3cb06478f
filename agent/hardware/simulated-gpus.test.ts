import { expect, test } from "vitest";
import { simulatedGpus } from "./simulated-gpus.ts";

test("declared GPUs are numbered through, carry their model's memory and say that they are simulated", () => {
  const gpus = simulatedGpus({ declared: "1xA100-40GB, 2xRTX-3090", nodeName: "miner" });
  expect(gpus.map(({ index, model, vramMib, simulated }) => [index, model, vramMib, simulated])).toEqual([
    [0, "a100-40gb", 40 * 1024, true],
    [1, "rtx-3090", 24 * 1024, true],
    [2, "rtx-3090", 24 * 1024, true],
  ]);
  expect(new Set(gpus.map(({ uuid }) => uuid)).size).toBe(3);
  expect(gpus.every(({ devicePath }) => devicePath === undefined)).toBe(true);
});

test("two nodes with the same declaration have different GPUs", () => {
  const [a] = simulatedGpus({ declared: "1xT4", nodeName: "a" });
  const [b] = simulatedGpus({ declared: "1xT4", nodeName: "b" });
  expect(a?.uuid).not.toBe(b?.uuid);
});

test.each(["", "A100-40GB", "0xA100-40GB", "4xA900", "65xT4", "40xT4,40xL4"])(
  "the declaration %j is refused with what is allowed",
  (declared) => {
    expect(() => simulatedGpus({ declared, nodeName: "n" })).toThrowError(/COUNTxMODEL/);
  },
);
