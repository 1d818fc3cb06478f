import { Command } from "commander";
import { wholeNumber } from "../arguments.ts";
import { contextOf } from "../command-context.ts";
import { compareText } from "../compare-text.ts";
import type { Terminal } from "../terminal.ts";

type CompareOptions = { gpu: string; count: number; days: number; hoursPerDay: number; maxAge: number };

/** `ionet compare`: the network beside the clouds. Needs no wallet. */
export const compareCommand = (terminal: Terminal): Command =>
  new Command("compare")
    .description(
      "Puts what the network can assemble now beside what clouds and marketplaces ask, each with its date. Needs no wallet.",
    )
    .requiredOption("--gpu <model>", "GPU model; a chip like a100 takes every size of it")
    .option("-n, --count <gpus>", "how many GPUs", wholeNumber(1, 10_000), 1)
    .option("--days <days>", "how many days", wholeNumber(1, 3650), 1)
    .option("--hours-per-day <hours>", "how many hours of each", wholeNumber(1, 24), 24)
    .option("--max-age <days>", "mark prices older than this as old", wholeNumber(1, 3650), 180)
    .addHelpText(
      "after",
      "\nExamples:\n  ionet compare --gpu a100 --count 50 --days 25\n  ionet compare --gpu rtx-4090 -n 8 --days 5 --hours-per-day 10",
    )
    .action(async (options: CompareOptions, command) => {
      const context = await contextOf(terminal, command);
      const comparison = await context.anonymous().compare({
        query: {
          gpuModel: options.gpu,
          gpuCount: options.count,
          days: options.days,
          hoursPerDay: options.hoursPerDay,
          maxAgeDays: options.maxAge,
        },
      });
      context.print(comparison, compareText(comparison));
    });
