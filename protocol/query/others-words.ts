import { type Field, fieldNamed, modelField, type NumberField } from "./fields.ts";
import { acceleratorWord, driverNumbers, placeWord, theirOrder } from "./others-values.ts";
import { thousandsOfGpu, thousandsOfNode } from "./units.ts";
import { countryWord, regionWord } from "./words.ts";

/*
 * The words that people bring along from other markets' searches. One that means there what can be said exactly here is
 * understood; one that means something else (dollars of a whole offer, the market's own score, what is not known here) is
 * refused in a sentence that says what differs and which word of ours to write. None is guessed.
 *
 * Vast.ai: the fields, aliases and multipliers of its command line (github.com/vast-ai/vast-cli, vastai/api/query.py and
 * `vastai search offers --help`, 2026-11). SkyPilot: docs.skypilot.co, YAML's `resources`. dstack: dstack.ai, `resources`.
 * RunPod: its API's pod input. io.net: its API of virtual machines and containers. Akash: `profiles.compute` of a deployment.
 */

export type OtherWord = { words: readonly string[]; from: string; means: string } & Meaning;

type Meaning =
  // A field of ours, read in that market's way; which one may lie in its first value.
  | { kind: "field"; field: (first: string) => Field }
  // True, or false, of all that a search here shows: to ask for that says nothing, the other can't be met.
  | { kind: "fact"; fact: boolean }
  // GPUs of one machine.
  | { kind: "gpus"; field: NumberField }
  // Dollars an hour of a whole offer: ours are for one of its GPUs.
  | { kind: "offer-price"; field: NumberField }
  // `means` says why it is refused, `write` what to write instead.
  | { kind: "refused"; write: readonly string[] };

function ours(name: string): Field {
  const field = fieldNamed(name);
  if (field === undefined) throw new Error(`the query language has no field ${name}`);
  return field;
}
function numberOf(name: string): NumberField {
  const field = ours(name);
  if (field.kind !== "number") throw new Error(`${name} is no number`);
  return field;
}

const vast = "Vast.ai";

const same = (from: string, words: readonly string[], field: Field, means: string): OtherWord => ({
  kind: "field",
  from,
  words,
  means,
  field: () => field,
});
const refused = (from: string, words: readonly string[], means: string, ...write: string[]): OtherWord => ({
  kind: "refused",
  from,
  words,
  means,
  write,
});

/** Each word once; `means` in the words of ours. */
export const otherWords: readonly OtherWord[] = [
  {
    kind: "gpus",
    from: vast,
    words: ["num_gpus"],
    field: numberOf("gpus"),
    means: "so many GPUs of one node, of which more may be free: num_gpus=4 is gpus>=4",
  },
  {
    kind: "offer-price",
    from: vast,
    words: ["dph", "dph_total"],
    field: numberOf("price"),
    means: "dollars an hour of the whole offer, with num_gpus= beside it: num_gpus=8 dph<=10 is price<=1.25",
  },
  {
    kind: "offer-price",
    from: `${vast}, SkyPilot`,
    words: ["min_bid", "spot_price"],
    field: numberOf("interruptible_price"),
    means: "the same of the interruptible price: num_gpus=2 min_bid<=1 is interruptible_price<=0.50",
  },
  {
    kind: "field",
    from: vast,
    words: ["geolocation"],
    means: "countries, like geolocation in [TW,SE]: country=TW,SE; or regions",
    field: (first) =>
      countryWord.read(first) === null && regionWord.read(first) !== null
        ? ours("region")
        : { ...ours("country"), kind: "words", is: "country", not: "notCountry", word: placeWord },
  },
  same(
    vast,
    ["gpu_ram"],
    { ...numberOf("vram"), unit: thousandsOfGpu, boundsOnly: true },
    "memory of one GPU in thousands of MiB: a 24 GB card is above gpu_ram>24",
  ),
  same(
    vast,
    ["cpu_ram"],
    { ...numberOf("ram"), unit: thousandsOfNode, boundsOnly: true },
    "memory of the node in thousands of MiB",
  ),
  same(
    vast,
    ["driver_version"],
    { ...numberOf("driver"), unit: driverNumbers },
    "driver, also as the number 535086005",
  ),
  same(
    vast,
    ["order"],
    { ...ours("sort"), kind: "word", is: "sort", word: theirOrder },
    "sort, as order=dph+ or order=reliability-; also the option -o",
  ),
  same(
    "SkyPilot",
    ["accelerators", "accelerator"],
    { ...modelField, word: acceleratorWord },
    "gpu; the 8 of A100:8 are of one node there: gpu=a100 gpus>=8",
  ),
  { kind: "fact", from: vast, words: ["rented"], fact: false, means: "nothing that is shown is rented" },
  { kind: "fact", from: vast, words: ["rentable"], fact: true, means: "all that is shown can be rented" },
  {
    kind: "fact",
    from: vast,
    words: ["external"],
    fact: false,
    means: "others' inventories are shown only where source= names them, like source=network,vast.ai",
  },
  refused(
    vast,
    ["datacenter", "hosting_type", "secure_cloud"],
    "there the market has checked the data centre; here the kind is what the supplier says of itself",
    "kind=data-centre",
  ),
  refused(vast, ["verification"], "here hardware is verified or it is not", "verified", "!verified"),
  refused(
    vast,
    ["dlperf", "score"],
    "that is a score of that market's; here throughput is one GPU's dense FP16 tensor TFLOPS",
    "tflops",
  ),
  refused(
    vast,
    ["dlperf_usd", "dlperf_per_dphtotal", "flops_usd", "flops_per_dphtotal"],
    "that is a score of that market's; here offers can be sorted by what a TFLOP costs",
    "sort=price/tflop",
  ),
  refused(
    vast,
    ["total_flops"],
    "that is the sum over an offer's GPUs, not of tensor units; tflops is one GPU's dense FP16 tensor TFLOPS",
    "tflops",
  ),
  refused(
    vast,
    ["gpu_total_ram"],
    "that is the sum over an offer's GPUs; vram is the memory of one, gpus how many one node has free",
    "vram",
    "gpus",
  ),
  refused(
    vast,
    ["gpu_frac"],
    "that is the share of a machine that an offer takes; here every offer can be hired in part: count is how many GPUs, gpus how many one node has free",
    "count",
    "gpus",
  ),
  refused(
    vast,
    ["cpu_cores_effective"],
    "that is an offer's share of the CPUs; cpus are the whole node's, and a lease has them in proportion to its GPUs",
    "cpus",
  ),
  refused(
    vast,
    [
      "compute_cap",
      "gpu_mem_bw",
      "gpu_arch",
      "gpu_max_power",
      "gpu_max_temp",
      "gpu_display_active",
      "display_active",
    ],
    "that is not asked of offers here, but it goes with the model: name the models that have it",
    "gpu",
  ),
  refused(
    vast,
    ["bw_nvlink", "pcie_bw", "pci_gen"],
    "bandwidth is not measured here; interconnect is how all the GPUs of a node reach each other",
    "interconnect=nvlink",
    "interconnect=pcie",
  ),
  refused(
    vast,
    ["direct_port_count", "static_ip", "public_ipaddr", "cluster_id"],
    "no node is reached by an address or port of its own: all traffic of a cluster goes through the gateway, so that there is nothing to ask",
  ),
  refused(
    vast,
    ["storage_cost", "inet_up_cost", "inet_down_cost"],
    "the price is all that is paid: disk and traffic cost nothing besides",
    "price",
  ),
  refused(
    vast,
    [
      "cpu_ghz",
      "cpu_arch",
      "cpu_name",
      "has_avx",
      "disk_bw",
      "disk_name",
      "mobo_name",
      "ubuntu_version",
      "vms_enabled",
    ],
    "that is not known of nodes here",
    "cpus",
    "ram",
    "disk",
  ),
  refused(vast, ["machine_id", "id", "ask_contract_id"], "nodes have ids of their own here", "node"),
  refused(vast, ["host_id"], "here a supplier is known by the address of its wallet", "supplier"),
  refused(
    "dstack, SkyPilot",
    ["max_price", "max_hourly_cost"],
    "that is dollars an hour of a whole machine; price is per GPU-hour",
    "price<=",
  ),
  refused(
    "SkyPilot, dstack, RunPod",
    ["use_spot", "spot_policy", "cloud_type"],
    "here an offer has an interruptible price besides its other one, or it has none: which is paid is said when renting",
    "interruptible",
    "!interruptible",
  ),
  refused(
    "RunPod, io.net",
    ["gpu_count", "gpus_per_vm", "gpus_per_container", "hardware_qty"],
    "count is how many GPUs are wanted in all, gpus how many one node has free",
    "count",
    "gpus",
  ),
  refused(
    "SkyPilot, dstack, Akash",
    ["cloud", "infra", "backend", "backends", "provider", "host", "zone", "instance_type", "max_duration"],
    "there are no clouds, zones or instance types here, but nodes of suppliers, for a duration",
    "supplier",
    "country",
    "duration",
  ),
];

const byWord: ReadonlyMap<string, OtherWord> = new Map(
  otherWords.flatMap((other) => other.words.map((word) => [word, other] as const)),
);

/** What a word of another market's search means here; undefined for a word that none has. */
export const otherWord = (word: string): OtherWord | undefined => byWord.get(word.toLowerCase());
