import { Command } from "commander";
import { contextOf } from "../command-context.ts";
import { everyNode } from "../every-node.ts";
import { nodesText } from "../node-text.ts";
import type { Terminal } from "../terminal.ts";

/** `ionet nodes`: a supplier's machines. */
export const nodesCommand = (terminal: Terminal): Command =>
  new Command("nodes")
    .description("Lists the nodes that my wallet's tokens enrolled, with what they are.")
    .addHelpText("after", "\nExamples:\n  ionet nodes\n  ionet agent terms show")
    .action(async (_options, command) => {
      const context = await contextOf(terminal, command);
      const nodes = await everyNode(await context.session());
      context.print(nodes, nodesText(nodes));
    });
