import type { PriceTier } from "@ionet/protocol";
import { priceTierSchema } from "@ionet/protocol";
import { Command, Option } from "commander";
import { wholeNumber } from "../arguments.ts";
import { contextOf } from "../command-context.ts";
import { listingsTable } from "../listings-table.ts";
import type { Terminal } from "../terminal.ts";

type ListingsOptions = { source?: string; tier?: PriceTier; limit: number };

/** `ionet listings`: what this network and others list of a model. Needs no wallet. */
export const listingsCommand = (terminal: Terminal): Command =>
  new Command("listings")
    .description(
      "Lists a model's GPUs here, at clouds and in marketplaces. What is not bookable here has its link.",
    )
    .argument("<model>", "GPU model; a chip like a100 takes every size of it")
    .option("--source <name>", "only network, catalogue, or a live inventory like vast.ai")
    .addOption(new Option("--tier <tier>", "only this kind of price").choices(priceTierSchema.options))
    .option("--limit <count>", "how many", wholeNumber(1, 500), 50)
    .addHelpText(
      "after",
      "\nExamples:\n  ionet listings a100 --tier spot\n  ionet listings rtx-4090 --source vast.ai",
    )
    .action(async (model: string, options: ListingsOptions, command) => {
      const context = await contextOf(terminal, command);
      const answer = await context.anonymous().listListings({
        query: {
          gpuModel: model,
          limit: options.limit,
          ...(options.source === undefined ? {} : { source: options.source }),
          ...(options.tier === undefined ? {} : { tier: options.tier }),
        },
      });
      const failures = answer.failures.map(({ source, reason }) => `${source}: ${reason}`);
      context.print(answer, [listingsTable(answer.items), ...failures].join("\n"));
    });
