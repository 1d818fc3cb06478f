import { countedGpuModels } from "../gpu-models.ts";
import { type Order, readOrder, type SortKey, sortKeyNames } from "./orders.ts";
import { type Unit, versionUnit } from "./units.ts";
import { countryWord, modelWord, orderWord, type WordKind } from "./words.ts";

/* How values are written elsewhere that stand for the same as ours: read as ours, or told how to be. */

/** Vast.ai keeps a driver's version as one number, three digits a part: 535086005. */
export const driverNumbers: Unit = {
  ...versionUnit,
  read: (text) => {
    const [, major, minor, patch] = /^(\d{3})(\d{3})(\d{3})$/.exec(text) ?? [];
    return versionUnit.read(major === undefined ? text : `${major}.${minor}.${patch}`);
  },
};

/** `Sweden, SE`, as Vast.ai writes a place. */
export const placeWord: WordKind = {
  ...countryWord,
  read: (text) => countryWord.read(/, *([a-z]{2})$/i.exec(text)?.[1] ?? text),
};

/** SkyPilot's `A100:8` are eight GPUs of one node, where a count in ours is one over all nodes: that must be said. */
export const acceleratorWord: WordKind = {
  ...modelWord,
  read: (text) => (countedGpuModels(text) === undefined ? modelWord.read(text) : null),
  meant: (text) => {
    const counted = countedGpuModels(text);
    return counted === undefined ? null : `gpu=${modelWord.read(counted.name)} gpus>=${counted.count}`;
  },
  allowed: "a GPU model alone; gpus>= is how many one node has free, count= how many are wanted in all",
};

/** Which of our orders a field of Vast.ai's is. All offers are compared for the same number of GPUs. */
const keysOf: Readonly<Record<string, SortKey>> = {
  dph: "price",
  dph_total: "price",
  min_bid: "interruptible_price",
  num_gpus: "gpus",
  gpu_ram: "vram",
  cpu_ram: "ram",
  cpu_cores: "cpus",
  disk_space: "disk",
  inet_up: "up",
  inet_down: "down",
  reliability2: "reliability",
};

/** Its own scores and sums, and the order of ours that is nearest. */
const scores: Readonly<Record<string, string>> = {
  score: "sort=price",
  dlperf: "sort=tflops",
  total_flops: "sort=tflops",
  dlperf_usd: "sort=price/tflop",
  dlperf_per_dphtotal: "sort=price/tflop",
  flops_usd: "sort=price/tflop",
  flops_per_dphtotal: "sort=price/tflop",
};

/** Vast.ai's order: a field, then - for falling or + for rising, which a field alone is too. */
export const theirOrder: WordKind = {
  read: (text) => {
    const [, before = "", word = "", after = ""] =
      /^([+-]?)([a-z0-9_/]+)([+-]?)$/.exec(text.toLowerCase()) ?? [];
    const key = keysOf[word] ?? sortKeyNames.find((one) => one === word);
    if (key === undefined || (before !== "" && after !== "")) return null;
    const sign = before + after;
    // Rising there, best first here: where these differ, which was meant must be said.
    if (sign === "" && readOrder(key).falling) return null;
    return orderWord.read(`${sign === "-" ? "-" : "+"}${key}` satisfies Order);
  },
  meant: (text) => {
    const key = keysOf[text.toLowerCase()] ?? sortKeyNames.find((one) => one === text.toLowerCase());
    if (key !== undefined) return `order=${text}-`;
    return scores[text.toLowerCase().replace(/[+-]$/, "")] ?? null;
  },
  allowed: `one of ${sortKeyNames.join(", ")}, with - after it for the highest first or + for the lowest first`,
  options: sortKeyNames.flatMap((key) => (readOrder(key).falling ? [`${key}-`, `${key}+`] : [key])),
};
