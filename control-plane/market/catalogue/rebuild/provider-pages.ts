import type { PriceTier } from "@ionet/protocol";
import { type PriceRow, plain, pricedModel } from "./price-row.ts";
import { cell, type SourceRow, sourceTable } from "./source-table.ts";

const names: Readonly<Record<string, string>> = {
  akash: "Akash",
  coreweave: "CoreWeave",
  dataoorts: "Dataoorts",
  digitalocean: "DigitalOcean",
  "genesis-cloud": "Genesis Cloud",
  gpuhub: "GPUhub",
  hyperstack: "Hyperstack",
  "jarvis-labs": "Jarvislabs",
  lambda: "Lambda",
  modal: "Modal",
  novita: "Novita",
  "packet-ai": "Packet.ai",
  qubrid: "Qubrid",
  runpod: "RunPod",
  salad: "Salad",
  spheron: "Spheron",
  tensordock: "TensorDock",
  "thunder-compute": "Thunder Compute",
  "vast-ai": "Vast.ai",
  verda: "Verda",
  vultr: "Vultr",
};

/** What can be taken away, and a marketplace's cheapest offer of the moment, are no on-demand prices. */
const tierOf = (row: SourceRow): PriceTier => (cell(row, "is_spot") === "True" ? "spot" : "on_demand");

/** Prices that the list's author worked out, not the provider. */
const isEstimate = (row: SourceRow) =>
  /estimated|approximate/i.test(`${cell(row, "caveats")} ${cell(row, "notes")}`);

function noteOf(row: SourceRow): string {
  const tier = cell(row, "tier");
  const caveats = cell(row, "caveats").split(";")[0] ?? "";
  const told = /^(community|secure|marketplace|prototyping)$/.test(tier) ? `${tier}; ` : "";
  if (/billed separately/.test(caveats)) return "the GPU alone; CPU and memory are billed besides";
  if (/cheapest (live offer|host)|min live offer/.test(caveats)) return "cheapest offer of that moment";
  if (/stale/.test(caveats)) return "the page itself speaks of July 2024";
  if (/per-GPU price|8x node/.test(caveats)) return "bare metal, sold eight at a time";
  return plain(told.replace(/; $/, ""));
}

/** The pages of twenty-one smaller providers: one GPU each. */
export function pagePrices(folder: string): PriceRow[] {
  return sourceTable(folder, "prices/gpu_offerings_21_providers.csv").flatMap((row) => {
    const gpuModel = pricedModel(cell(row, "gpu_model"), Number(cell(row, "vram_gb")));
    const provider = names[cell(row, "provider_id")];
    if (gpuModel === null || provider === undefined || isEstimate(row)) return [];
    return [
      {
        provider,
        gpuModel,
        gpus: 1,
        tier: tierOf(row),
        usd: cell(row, "price_usd_hour"),
        hours: 1,
        region: "global",
        date: cell(row, "collected_at"),
        source: cell(row, "source_url"),
        note: noteOf(row),
      },
    ];
  });
}
