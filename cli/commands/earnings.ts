import type { MicroUsdPerGpuHour } from "@ionet/protocol";
import { Command } from "commander";
import { offeredPrice, share, tariff, wholeNumber } from "../arguments.ts";
import { contextOf } from "../command-context.ts";
import { earningsText } from "../earnings-text.ts";
import type { Terminal } from "../terminal.ts";

type EarningsOptions = {
  gpu: string;
  country: string;
  price: MicroUsdPerGpuHour;
  hired: number;
  tariff?: number;
  idleWatts?: number;
};

/** `ionet earnings`: a card's day renting beside its day mining. Needs no wallet. */
export const earningsCommand = (terminal: Terminal): Command =>
  new Command("earnings")
    .description(
      "Puts a card's day renting beside its day mining, and says from where on renting wins. Needs no wallet.",
    )
    .requiredOption("--gpu <model>", "GPU model, like a100-40gb")
    .requiredOption("--country <code>", "where it stands: a country's code or name, or US-TX for a state")
    .requiredOption("--price <usd>", "what it is hired out for, per GPU-hour, like 0.40", offeredPrice)
    .option("--hired <share>", "share of the day that it is hired, from 0 to 1", share, 6000)
    .option("--tariff <usd>", "what electricity really costs you per kWh, like 0.08", tariff)
    .option("--idle-watts <watts>", "what the card really draws when idle", wholeNumber(0, 2000))
    .addHelpText(
      "after",
      "\nExamples:\n  ionet earnings --gpu a100-40gb --country ID --price 0.40 --hired 0.6\n  ionet earnings --gpu rtx-4090 --country DE --price 0.35 --tariff 0.21",
    )
    .action(async (options: EarningsOptions, command) => {
      const context = await contextOf(terminal, command);
      const earnings = await context.anonymous().earnings({
        query: {
          gpuModel: options.gpu,
          country: options.country,
          priceMicroUsdPerGpuHour: options.price,
          hiredBps: options.hired,
          ...(options.tariff === undefined ? {} : { tariffMicroUsdPerKwh: options.tariff }),
          ...(options.idleWatts === undefined ? {} : { idleWatts: options.idleWatts }),
        },
      });
      context.print(earnings, earningsText(earnings));
    });
