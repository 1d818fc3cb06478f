import type { Query } from "./query.ts";
import {
  countUnit,
  durationUnit,
  gpuMemoryUnit,
  hoursUnit,
  memoryUnit,
  priceUnit,
  shareUnit,
  sizeUnit,
  speedUnit,
  tflopsUnit,
  type Unit,
  versionUnit,
} from "./units.ts";
import {
  addressWord,
  confinementWord,
  countryWord,
  currencyWord,
  interconnectWord,
  kindWord,
  modelWord,
  nodeWord,
  orderWord,
  placeWord,
  regionWord,
  sandboxWord,
  sourceWord,
  type WordKind,
} from "./words.ts";

/*
 * The words of the query language, in the order of the normal form: what is typed, and which parameters of the search it
 * stands for. Aliases are what other searches call exactly the same; words that differ there stand in others-words.ts.
 */

type Parameter = keyof Query;

export type Field = { name: string; aliases: readonly string[]; means: string } & (
  | { kind: "words"; is: Parameter; not: Parameter; word: WordKind }
  | { kind: "flag"; is: Parameter }
  | { kind: "number"; min: Parameter; max: Parameter; unit: Unit; boundsOnly?: true }
  | { kind: "amount"; is: Parameter; unit: Unit; least: bigint; most: bigint; atLeast?: true }
  | { kind: "word"; is: Parameter; word: WordKind }
);

export type NumberField = Extract<Field, { kind: "number" }>;
export type WordsField = Extract<Field, { kind: "words" }>;

const words = (
  name: string,
  [is, not]: [Parameter, Parameter],
  word: WordKind,
  means: string,
  ...aliases: string[]
): WordsField => ({
  kind: "words",
  name,
  is,
  not,
  word,
  means,
  aliases,
});
const flag = (is: Parameter & string, means: string, ...aliases: string[]): Field => ({
  kind: "flag",
  name: is,
  is,
  means,
  aliases,
});
const number = (
  name: string,
  [min, max]: [Parameter, Parameter],
  unit: Unit,
  means: string,
  ...aliases: string[]
): Field => ({ kind: "number", name, min, max, unit, means, aliases });

/** The field of the models, which may also stand alone and say a count: `8xA100`. */
export const modelField = words(
  "gpu",
  ["gpuModel", "notGpuModel"],
  modelWord,
  "GPU model, or a chip in all its sizes",
  "gpu_name",
  "model",
  "gpu_model",
  "gpu_type",
);

export const fields: readonly Field[] = [
  modelField,
  {
    kind: "amount",
    name: "count",
    is: "gpuCount",
    unit: countUnit,
    least: 1n,
    most: 1_000_000n,
    means: "GPUs wanted in all",
    aliases: [],
  },
  number("gpus", ["minGpus", "maxGpus"], countUnit, "GPUs free on one node"),
  number("vram", ["minVramMib", "maxVramMib"], gpuMemoryUnit, "memory of one GPU, as sold", "gpu_memory"),
  number("tflops", ["minTflops", "maxTflops"], tflopsUnit, "dense FP16 tensor TFLOPS of one GPU"),
  number(
    "price",
    ["minPriceMicroUsdPerGpuHour", "maxPriceMicroUsdPerGpuHour"],
    priceUnit,
    "US dollars per GPU-hour",
  ),
  number(
    "interruptible_price",
    ["minInterruptiblePriceMicroUsdPerGpuHour", "maxInterruptiblePriceMicroUsdPerGpuHour"],
    priceUnit,
    "the same when it may be reclaimed with notice",
  ),
  flag("interruptible", "has an interruptible price", "spot"),
  words("region", ["region", "notRegion"], regionWord, "part of the world"),
  words("country", ["country", "notCountry"], countryWord, "country code"),
  {
    kind: "word",
    name: "near",
    is: "near",
    word: placeWord,
    means: "a country or region: nearest first",
    aliases: [],
  },
  number(
    "reliability",
    ["minReliability", "maxReliability"],
    shareUnit,
    "share of hired time delivered",
    "reliability2",
  ),
  number(
    "reliability_sure",
    ["minReliabilityLowerBound", "maxReliabilityLowerBound"],
    shareUnit,
    "the same, as it is sure at 95 %",
  ),
  number("hired_hours", ["minHiredHours", "maxHiredHours"], hoursUnit, "hours of history"),
  flag("verified", "its hardware has passed a challenge"),
  flag("simulated", "its GPUs exist in name only"),
  flag("bookable", "can be hired through this network"),
  {
    kind: "amount",
    name: "duration",
    is: "durationSeconds",
    unit: durationUnit,
    least: 60n,
    most: durationUnit.most,
    // What can be hired for longer can be hired for this long.
    atLeast: true,
    means: "can be hired this long from now on",
    aliases: [],
  },
  words("kind", ["supplierKind", "notSupplierKind"], kindWord, "kind of supplier", "supplier_kind"),
  words("supplier", ["supplier", "notSupplier"], addressWord, "a supplier's wallet"),
  words("node", ["nodeId", "notNodeId"], nodeWord, "a node"),
  words("source", ["source", "notSource"], sourceWord, "`network`, or the inventory that lists it"),
  words("currency", ["currency", "notCurrency"], currencyWord, "accepts one of these"),
  words("interconnect", ["interconnect", "notInterconnect"], interconnectWord, "nvlink or pcie"),
  words("sandbox", ["sandbox", "notSandbox"], sandboxWord, "what keeps the job from the machine"),
  words("confinement", ["confinement", "notConfinement"], confinementWord, "where the job's network lives"),
  number("cpus", ["minCpus", "maxCpus"], countUnit, "CPUs of the node", "cpu_cores", "vcpus"),
  number("ram", ["minMemoryMib", "maxMemoryMib"], memoryUnit, "memory of the node", "memory"),
  number(
    "disk",
    ["minDiskFreeMib", "maxDiskFreeMib"],
    sizeUnit,
    "free disk of the node",
    "disk_space",
    "disk_size",
  ),
  number("up", ["minUpMbps", "maxUpMbps"], speedUnit, "measured Mb/s up", "inet_up"),
  number("down", ["minDownMbps", "maxDownMbps"], speedUnit, "measured Mb/s down", "inet_down"),
  number(
    "cuda",
    ["minCudaVersion", "maxCudaVersion"],
    versionUnit,
    "newest CUDA that the driver runs",
    "cuda_vers",
    "cuda_max_good",
  ),
  number("driver", ["minDriverVersion", "maxDriverVersion"], versionUnit, "driver version"),
  {
    kind: "word",
    name: "sort",
    is: "sort",
    word: orderWord,
    means: "order of the answer",
    aliases: [],
  },
];

const byName: ReadonlyMap<string, Field> = new Map(
  fields.flatMap((field) => [field.name, ...field.aliases].map((name) => [name, field] as const)),
);

/** The field a word names, by its own name or an alias; undefined when there is none. */
export const fieldNamed = (word: string): Field | undefined => byName.get(word.toLowerCase());

const parametersOf = (field: Field): readonly Parameter[] =>
  field.kind === "number"
    ? [field.min, field.max]
    : field.kind === "words"
      ? [field.is, field.not]
      : [field.is];
const byParameter: ReadonlyMap<string, Field> = new Map(
  fields.flatMap((field) => parametersOf(field).map((name) => [name, field] as const)),
);

/** The fields of which a query has parameters, in the order of the normal form. */
export function fieldsOf(query: object): Field[] {
  const asked = new Set(Object.keys(query).map((name) => byParameter.get(name)));
  return fields.filter((field) => asked.has(field));
}
