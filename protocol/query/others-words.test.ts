import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fieldNamed } from "./fields.ts";
import { formatQuery } from "./format.ts";
import { otherWord, otherWords } from "./others-words.ts";
import { parseQuery, readQuery, readQueryText } from "./parse.ts";

const refusal = (text: string) => {
  const read = parseQuery(text);
  if (!("unreadable" in read)) throw new Error(`${text} was read as ${formatQuery(read.query)}`);
  return read.unreadable;
};

test.each([
  // Dollars an hour of a whole offer, whose GPUs stand before or behind it.
  ["num_gpus=8 dph<=10", "gpus>=8 price<=1.25"],
  ["dph<10 num_gpus=3", "gpus>=3 price<=3.333333"],
  ["num_gpus=4 dph_total>=1 dph_total<2", "gpus>=4 price>=0.25 price<=0.499999"],
  ["num_gpus=2 min_bid<=0.5", "gpus>=2 interruptible_price<=0.25"],
  // GPUs of one machine, of which more may be free.
  ["num_gpus=1 gpu=rtx_4090", "gpu=rtx-4090 gpus>=1"],
  ["num_gpus>=4", "gpus>=4"],
  ["num_gpus > 2", "gpus>=3"],
  ["num_gpus gte 4", "gpus>=4"],
  // Places.
  ["geolocation=SE", "country=SE"],
  ["geolocation in [TW,SE]", "country=TW,SE"],
  ["geolocation notin [CN,VN]", "country!=CN,VN"],
  ["geolocation not in ['XK','US']", "country!=XK,US"],
  ["geolocation nin [CN]", "country!=CN"],
  ["geolocation=ME", "country=ME"],
  ['geolocation="Sweden, SE"', "country=SE"],
  ["geolocation=EU", "region=eu"],
  // What is true of all that is shown says nothing.
  ["rented=False rentable=true external=false", ""],
  ["rentable", ""],
  ["!rented", ""],
  ["rented in [False]", ""],
  ["rented!=true", ""],
  ["verified=any rented=any rentable = any", ""],
  ["verified=False", "!verified"],
  // Memory in thousands of MiB, so that a card that is sold with 24 GB is above 24.
  ["gpu_ram>=24", "vram>=24000mib"],
  ["gpu_ram>10", "vram>=10001mib"],
  ["gpu_ram>=24gb", "vram>=24"],
  ["cpu_ram>=64", "ram>=64000mib"],
  ["disk_space>146 inet_up>=100 inet_down>200", "disk>=149505mib up>=100 down>=201"],
  ["cuda_vers>=12.1", "cuda>=12.1"],
  ["cuda_max_good>=12.4 driver_version >= 535.86.05", "cuda>=12.4 driver>=535.86.5"],
  ["driver_version>=535086005", "driver>=535.86.5"],
  ["reliability2>0.99 cpu_cores>=8", "reliability>=0.990001 cpus>=8"],
  ["duration>=3d", "duration=3d"],
  ["duration >= 12h", "duration=12h"],
  // Orders: a field and its sign, behind it.
  ["order=dph", "sort=price"],
  ["order=dph+", "sort=price"],
  ["order=dph_total-", "sort=-price"],
  ["order=num_gpus-", "sort=gpus"],
  ["order=reliability2-", "sort=reliability"],
  ["order=reliability+", "sort=+reliability"],
  // Models as they are called there.
  ['gpu_name in ["RTX 4090", "RTX 3090"]', "gpu=rtx-4090,rtx-3090"],
  ['gpu="RTX PRO 6000 S"', "gpu=rtx-pro-6000"],
  ["gpu_name=RTX_PRO_6000_S", "gpu=rtx-pro-6000"],
  ["gpu=RTXPRO6000-WK", "gpu=rtx-pro-6000"],
  ["gpu_name=H100_SXM", "gpu=h100-80gb"],
  ["gpu_name=A100_SXM4", "gpu=a100"],
  ["gpu=GH200-480GB", "gpu=gh200"],
  // SkyPilot, dstack
  ["accelerators=A100-80GB", "gpu=a100-80gb"],
  ["A100:8 country=DE", "gpu=a100 count=8 country=DE"],
  ["cpus=4+ memory=32+", "cpus>=4 ram>=32"],
  ["vram=24GB..80GB disk=200GB..", "vram>=24 vram<=80 disk>=200"],
  ["vram>=80Gi", "vram>=80"],
])("%s is read as %s", (text, ours) => {
  expect(formatQuery(readQuery(text))).toBe(ours);
});

test.each([
  ["dph<=1.25", "dollars an hour of a whole offer", ["price<=1.25"]],
  ["8xA100 dph<=10", "price is per GPU-hour", ["price<=1.25"]],
  ["num_gpus>=4 dph_total<2", "price is per GPU-hour", ["price<0.50"]],
  ["spot_price<=1", "interruptible_price is per GPU-hour", ["interruptible_price<=1.00"]],
  ["num_gpus<=4", "a node with more free gives fewer too", ["gpus<=4"]],
  ["duration=3", "3 of what", ["duration=3d", "duration=3h"]],
  ["duration>24", "24 of what", ["duration=24d", "duration=24h"]],
  ["duration<3d", "can't be compared with <", []],
  ["gpu_ram>=24000", "24000 of what", ["vram>=24000mib", "vram>=24000gb"]],
  ["cpu_ram>=64000", "64000 of what", ["ram>=64000mib", "ram>=64000gb"]],
  ["gpu_ram=24", "gpu_ram can't be compared with =", []],
  ["rented=True", "no offer is rented", []],
  ["rentable=False", "no offer is not rentable", []],
  ["external=true", "source=", []],
  ["region=SE", "is no region", ["country=SE"]],
  ["region=Sweden", "is no region", ["country=SE"]],
  ["country=eu", "is no country", ["region=eu"]],
  ["country=germany", "is no country", ["country=DE"]],
  ["geolocation=Sweden", "is no country", ["country=SE"]],
  ["geolocation in [SE,eu]", "is no country", ["region=eu"]],
  ["datacenter=True", "what the supplier says of itself", ["kind=data-centre"]],
  ["datacenter", "what the supplier says of itself", ["kind=data-centre"]],
  ["verification=verified", "verified or it is not", ["verified", "!verified"]],
  ["dlperf>100", "tensor TFLOPS", ["tflops"]],
  ["compute_cap>=800", "goes with the model", ["gpu"]],
  ["bw_nvlink>0", "interconnect", ["interconnect=nvlink", "interconnect=pcie"]],
  ["gpu_frac=1", "hired in part", ["count", "gpus"]],
  ["direct_port_count>=2", "gateway", []],
  ["machine_id=17", "ids of their own", ["node"]],
  ["order=reliability", "is no sort", ["order=reliability-"]],
  ["order=dlperf_usd-", "is no sort", ["sort=price/tflop"]],
  ["order=num_gpus,total_flops-", "takes one value", []],
  ["accelerators=A100:8", "how many one node has free", ["gpu=a100 gpus>=8"]],
  ["use_spot=false", "which is paid is said when renting", ["interruptible", "!interruptible"]],
  ["max_price=2", "per GPU-hour", ["price<="]],
])("%s is refused with what differs and what to write", (text, why, closest) => {
  const found = refusal(text);
  expect(`${found.why}; ${found.allowed}`).toContain(why);
  if (closest.length > 0) expect(found.closest.slice(0, closest.length)).toEqual(closest);
});

test("no word stands in the table twice, nor for a field of ours", () => {
  const words = otherWords.flatMap((other) => other.words);
  expect(new Set(words).size).toBe(words.length);
  for (const word of words) expect([word, fieldNamed(word)]).toEqual([word, undefined]);
});

test("each word of ours that a refusal names is one", () => {
  for (const other of otherWords) {
    if (other.kind !== "refused") continue;
    for (const write of other.write) {
      expect([write, fieldNamed(/[a-z_]+/.exec(write)?.[0] ?? "")?.name]).not.toContain(undefined);
      expect([write, otherWord(write)]).toEqual([write, undefined]);
    }
  }
});

test("who writes in ours only is told so, whatever Vast.ai's word for dropping a condition", () => {
  expect(readQueryText("gpu=a100 price<=1").inOthersWords).toBe(false);
  expect(readQueryText("num_gpus=8 price<=1").inOthersWords).toBe(true);
  expect(readQueryText("!rented").inOthersWords).toBe(true);
});

/** The fields of Vast.ai's command line, version of November 2026: its list of fields and its aliases. */
const vastFields =
  "bw_nvlink compute_cap cpu_arch cpu_cores cpu_cores_effective cpu_ghz cpu_ram cuda_max_good cuda_vers datacenter " +
  "direct_port_count display_active driver_version disk_bw disk_space dlperf dlperf_per_dphtotal dlperf_usd dph dph_total duration " +
  "external flops_per_dphtotal flops_usd gpu_arch gpu_display_active gpu_frac gpu_mem_bw gpu_name gpu_ram gpu_total_ram " +
  "gpu_max_power gpu_max_temp has_avx host_id id inet_down inet_down_cost inet_up inet_up_cost machine_id min_bid mobo_name " +
  "num_gpus pci_gen pcie_bw reliability reliability2 rentable rented storage_cost static_ip total_flops ubuntu_version " +
  "verification verified vms_enabled geolocation cluster_id";

test("every field of Vast.ai's command line is understood or refused by name", () => {
  for (const word of vastFields.split(" ")) {
    expect([word, fieldNamed(word) !== undefined || otherWord(word) !== undefined]).toEqual([word, true]);
  }
});

test("the document of words from elsewhere has every one of them", () => {
  const page = new URL("../../docs/search-words.md", import.meta.url);
  expect(existsSync(page)).toBe(true);
  const text = readFileSync(page, "utf8");
  for (const { words, means } of otherWords) {
    for (const word of words) expect(text).toContain(`\`${word}\``);
    expect(text).toContain(means);
  }
});
