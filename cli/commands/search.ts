import { Command } from "commander";
import { countries, wholeNumber } from "../arguments.ts";
import { contextOf } from "../command-context.ts";
import { offersText } from "../quote-text.ts";
import type { Terminal } from "../terminal.ts";

/** `ionet search`: what is for hire now. Needs no wallet. */
export const searchCommand = (terminal: Terminal): Command =>
  new Command("search")
    .summary("what can be hired now, cheapest first")
    .description("Lists what can be hired now, cheapest first. Needs no wallet and no sign-in.")
    .argument("[model]", 'GPU model as you would write it: a100-40gb, "A100 40GB", rtx-4090')
    .option("--country <code>", "only nodes there, like DE", countries)
    .option("--limit <count>", "how many", wholeNumber(1, 200), 50)
    .addHelpText(
      "after",
      "\nExamples:\n  ionet search\n  ionet search a100-40gb --country DE\n  ionet search --json",
    )
    .action(async (model: string | undefined, options: { country?: string[]; limit: number }, command) => {
      const context = await contextOf(terminal, command);
      const [country] = options.country ?? [];
      const { items } = await context.anonymous().searchOffers({
        query: {
          limit: options.limit,
          ...(model === undefined ? {} : { gpuModel: model }),
          ...(country === undefined ? {} : { country }),
        },
      });
      context.print(items, offersText(items));
    });
