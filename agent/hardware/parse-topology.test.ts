import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseTopology } from "./parse-topology.ts";

/** A matrix as nvidia-smi prints it: tabs, an underlined head, affinities and network cards beside the GPUs. */
const matrix = (...rows: string[]) =>
  [
    `\t\x1b[4m${rows.map((_, i) => `GPU${i}`).join("\t")}\tNIC0\tCPU Affinity\tNUMA Affinity\tGPU NUMA ID\x1b[0m`,
    ...rows.map(
      (row, i) =>
        `GPU${i}\t${row
          .split(" ")
          .map((cell) => (cell === "X" ? " X " : cell))
          .join("\t")}\tSYS\t0-31\t0\t\tN/A`,
    ),
    "NIC0\tSYS\tSYS\t X \t\t\t\t",
    "",
    "Legend:",
    "  X    = Self",
    "  NV#  = Connection traversing a bonded set of # NVLinks",
  ].join("\n");

test.each([
  ["every pair has NVLinks", matrix("X NV12 NV12", "NV12 X NV12", "NV12 NV12 X"), "nvlink"],
  ["through NVSwitch", matrix("X NV18", "NV18 X"), "nvlink"],
  ["pairs are bridged, and the pairs are not", matrix("X NV4 SYS", "NV4 X SYS", "SYS SYS X"), "pcie"],
  ["one behind a bridge", matrix("X PHB", "PHB X"), "pcie"],
  ["a single GPU has nobody to reach", matrix("X"), undefined],
  ["a word we do not know", matrix("X C2C", "C2C X"), undefined],
  ["no matrix", "ERROR: Option -m is missing its value.", undefined],
])("%s: %s", (_what, text, expected) => {
  expect(parseTopology(text)).toBe(expected);
});

const captures = join(import.meta.dirname, "../../../shared/data/nvidia-smi/captures");
test.skipIf(!existsSync(captures))(
  "the real captures are of single GPUs (skipped where ../shared is absent)",
  () => {
    for (const machine of readdirSync(captures)) {
      const text = readFileSync(join(captures, machine, "capabilities-topo-m.txt"), "utf8");
      expect([machine, parseTopology(text)]).toEqual([machine, undefined]);
    }
  },
);
