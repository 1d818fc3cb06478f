import { waitForSettlement } from "@ionet/sdk";
import { Command } from "commander";
import { clusterId } from "../arguments.ts";
import { contextOf } from "../command-context.ts";
import { settlementText } from "../settlement-text.ts";
import type { Terminal } from "../terminal.ts";

/** `ionet stop`: nothing is billed after it; waits for the settlement. */
export const stopCommand = (terminal: Terminal): Command =>
  new Command("stop")
    .description(
      "Stops a cluster: nothing is billed after this. Waits until suppliers are paid and the rest is back.",
    )
    .argument("<cluster>", "its id", clusterId)
    .option("--no-wait", "do not wait for the settlement")
    .addHelpText("after", "\nExample:\n  ionet stop clu_…")
    .action(async (id: ReturnType<typeof clusterId>, options: { wait: boolean }, command) => {
      const context = await contextOf(terminal, command);
      const ionet = await context.session();
      const stopped = await ionet.stopCluster({ params: { clusterId: id } });
      if (!options.wait) {
        context.print(stopped, `${id} is ${stopped.state}`);
        return;
      }
      terminal.note(`${id} is ${stopped.state}; waiting for the settlement`);
      const settlement = await waitForSettlement(ionet, id, { signal: terminal.signal });
      const cluster = await ionet.getCluster({ params: { clusterId: id } });
      context.print(settlement, settlementText(cluster, settlement));
    });
