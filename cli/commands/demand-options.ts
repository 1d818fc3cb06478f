import {
  type BaseUnits,
  type Currency,
  MAX_LEASES_OF_CLUSTER,
  type MicroUsdPerGpuHour,
  type Region,
  type SupplierKind,
} from "@ionet/protocol";
import type { Wanted } from "@ionet/sdk";
import { type Command, Option } from "commander";
import {
  budget,
  countries,
  duration,
  offeredPrice,
  payIn,
  regions,
  supplierKinds,
  wholeNumber,
} from "../arguments.ts";

export type DemandOptions = {
  count: number;
  for: number;
  minSuppliers: number;
  maxPrice?: MicroUsdPerGpuHour;
  country?: string[];
  kind?: SupplierKind[];
  maxSuppliers?: number;
  maxNodes?: number;
  budget?: BaseUnits;
  region?: Region[];
  pack?: boolean;
  spread?: boolean;
  interruptible?: boolean;
  pay: Currency;
};

/** The options in which an engineer says what is wanted; `quote` and `rent` share them. */
export const withDemandOptions = (command: Command): Command =>
  command
    .argument("<model>", 'GPU model as you would write it: a100-40gb, "A100 40GB", rtx-4090')
    .option("-n, --count <gpus>", "how many GPUs", wholeNumber(1, 1000), 1)
    .addOption(
      new Option(
        "--for <time>",
        "budget of time, like 30m, 2h or 1d, a bare number counts hours; what is not used returns",
      )
        .argParser(duration)
        .default(3600, "1h"),
    )
    .option(
      "--min-suppliers <count>",
      "spread over at least so many suppliers",
      wholeNumber(1, MAX_LEASES_OF_CLUSTER),
      1,
    )
    .option(
      "--max-suppliers <count>",
      "from at most so many suppliers",
      wholeNumber(1, MAX_LEASES_OF_CLUSTER),
    )
    .option("--max-nodes <count>", "on at most so many nodes", wholeNumber(1, MAX_LEASES_OF_CLUSTER))
    .addOption(
      new Option("--pack", "on as few nodes as can be, in one region if one has enough").conflicts("spread"),
    )
    .option("--spread", "so that no supplier gives more than it must")
    .option("--budget <usd>", "at most this for all GPUs and the whole time, like 25.00", budget)
    .option("--region <regions>", "only there, like eu,uk", regions)
    .option("--max-price <usd>", "at most this per GPU-hour, like 0.50", offeredPrice)
    .option("--country <codes>", "only there, like DE,NO", countries)
    .option(
      "--interruptible",
      "at the lower price, where there is one: nodes may be reclaimed with 120 s notice",
    )
    .option("--kind <kinds>", "only from data-centre, miner, storage-provider or individual", supplierKinds)
    .addOption(payOption());

/** What the escrow is paid in. */
export const payOption = (): Option =>
  new Option("--pay <currency>", "usdc, or sol: at the network's price of SOL, at most 24h")
    .argParser(payIn)
    .default("USDC" satisfies Currency, "usdc");

/** The demand that the options say. */
export const demandOf = (model: string, options: DemandOptions): Wanted => ({
  gpuModel: model,
  gpuCount: options.count,
  durationSeconds: options.for,
  minSuppliers: options.minSuppliers,
  currency: options.pay,
  ...(options.maxPrice === undefined ? {} : { maxPriceMicroUsdPerGpuHour: options.maxPrice }),
  ...(options.maxSuppliers === undefined ? {} : { maxSuppliers: options.maxSuppliers }),
  ...(options.maxNodes === undefined ? {} : { maxNodes: options.maxNodes }),
  ...(options.budget === undefined ? {} : { maxBudgetMicroUsd: options.budget }),
  ...(options.region === undefined ? {} : { regions: options.region }),
  ...(options.pack === true ? { placement: "pack" } : {}),
  ...(options.spread === true ? { placement: "spread" } : {}),
  ...(options.country === undefined ? {} : { countries: options.country }),
  ...(options.interruptible === true ? { interruptible: true } : {}),
  ...(options.kind === undefined ? {} : { supplierKinds: options.kind }),
});
