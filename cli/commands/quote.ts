import { Command } from "commander";
import { contextOf } from "../command-context.ts";
import { quoteText } from "../quote-text.ts";
import type { Terminal } from "../terminal.ts";
import { type DemandOptions, demandOf, withDemandOptions } from "./demand-options.ts";

/** `ionet quote`: what a demand would cost, beside the clouds. Holds nothing, costs nothing. */
export const quoteCommand = (terminal: Terminal): Command =>
  withDemandOptions(new Command("quote"))
    .description("Asks for the cheapest offers that meet a demand. Holds nothing and costs nothing.")
    .addHelpText(
      "after",
      "\nExamples:\n  ionet quote a100-40gb -n 4 --min-suppliers 3\n  ionet quote rtx-4090 -n 2 --for 30m --max-price 0.40 --country DE,NO",
    )
    .action(async (model: string, options: DemandOptions, command) => {
      const context = await contextOf(terminal, command);
      const quote = await (await context.session()).createQuote({ body: demandOf(model, options) });
      context.print(quote, quoteText(quote));
    });
