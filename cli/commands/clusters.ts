import { Command } from "commander";
import { clusterId, wholeNumber } from "../arguments.ts";
import { clustersText, clusterText } from "../cluster-text.ts";
import { contextOf } from "../command-context.ts";
import type { Terminal } from "../terminal.ts";

/** `ionet clusters`, `ionet clusters show ID`. */
export const clustersCommand = (terminal: Terminal): Command =>
  new Command("clusters")
    .addHelpText(
      "after",
      "\nExamples:\n  ionet clusters\n  ionet clusters show clu_…\n  ionet clusters --json",
    )
    .addCommand(
      new Command("list")
        .description("Lists my clusters, newest first.")
        .option("--limit <count>", "how many", wholeNumber(1, 200), 50)
        .action(async (options: { limit: number }, command) => {
          const context = await contextOf(terminal, command);
          const { items } = await (await context.session()).listClusters({ query: { limit: options.limit } });
          context.print(items, clustersText(items));
        }),
      { isDefault: true },
    )
    .addCommand(
      new Command("show")
        .description("Shows a cluster, its leases and its stages.")
        .argument("<cluster>", "its id", clusterId)
        .addHelpText("after", "\nExample:\n  ionet clusters show clu_…")
        .action(async (id: ReturnType<typeof clusterId>, _options, command) => {
          const context = await contextOf(terminal, command);
          const cluster = await (await context.session()).getCluster({ params: { clusterId: id } });
          context.print(cluster, clusterText(cluster));
        }),
    );
