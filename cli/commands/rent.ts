import { MAX_LEASES_OF_ESCROW, type Reservation } from "@ionet/protocol";
import { rent } from "@ionet/sdk";
import { Command } from "commander";
import { wholeNumber } from "../arguments.ts";
import { clusterText } from "../cluster-text.ts";
import { contextOf } from "../command-context.ts";
import { amountText } from "../money-text.ts";
import { quoteText } from "../quote-text.ts";
import { openWallet, ownChain } from "../session.ts";
import type { Terminal } from "../terminal.ts";
import { type DemandOptions, demandOf, withDemandOptions } from "./demand-options.ts";

/** `ionet rent`: from a demand to a running Ray cluster. */
export const rentCommand = (terminal: Terminal): Command =>
  withDemandOptions(new Command("rent"))
    .summary("quote, book, fund, and wait for the Ray cluster")
    .description(
      "Quotes, asks you, books, opens and funds the escrow with your wallet, and waits until the Ray cluster is ready.",
    )
    .option("-y, --yes", "do not ask before money moves")
    .option(
      "--leases-per-escrow <count>",
      "for a wallet that signs only v0 transactions: at most 15; else 50",
      wholeNumber(1, MAX_LEASES_OF_ESCROW),
    )
    .addHelpText(
      "after",
      "\nExamples:\n  ionet rent a100-40gb -n 4 --min-suppliers 3 --for 2h\n  ionet rent rtx-4090 --yes --json",
    )
    .action(
      async (
        model: string,
        options: DemandOptions & { yes?: boolean; leasesPerEscrow?: number },
        command,
      ) => {
        const context = await contextOf(terminal, command);
        const ionet = await context.session();
        const chain = ownChain(context.settings);
        const rented = await rent(ionet, await openWallet(context.settings), demandOf(model, options), {
          signal: terminal.signal,
          ...(chain ? { chain } : {}),
          ...(options.leasesPerEscrow === undefined ? {} : { leasesPerEscrow: options.leasesPerEscrow }),
          approve: async (quote) => {
            terminal.note(quoteText(quote));
            return (
              options.yes === true ||
              (await terminal.confirm(`Put ${amountText(quote.deposit, quote.demand.currency)} into escrow?`))
            );
          },
          onEvent: (event) => {
            if (event.event === "booked")
              terminal.note(`booked: ${event.reservation.id}, held until ${event.reservation.expiresAt}`);
            if (event.event === "opened") terminal.note(fundedText(event.reservation, event.escrow.address));
            if (event.event === "cluster")
              terminal.note(`${event.cluster.state}: ${phasesText(event.cluster.leases)}`);
          },
        });
        if (rented === null) {
          terminal.note("Nothing was booked. With --yes it is booked without a question.");
          return;
        }
        const { cluster } = rented;
        context.print(
          cluster,
          [
            clusterText(cluster),
            "",
            "Go on with:",
            `  ionet submit ${cluster.id} --working-dir . -- python main.py`,
            `  RAY_AUTH_MODE=token RAY_AUTH_TOKEN=$(ionet token) ray job submit --address ${cluster.jobsAddress} -- python -c 'print(1)'`,
            `  ionet stop ${cluster.id}`,
          ].join("\n"),
        );
      },
    );

/** One line an escrow: a large cluster has several, and starts with the last of them. */
function fundedText({ escrows }: Reservation, address: string): string {
  const position = escrows.findIndex((escrow) => escrow.address === address);
  return `funded: escrow ${address}${escrows.length === 1 ? "" : ` (${position + 1} of ${escrows.length})`}`;
}

function phasesText(leases: readonly { phase: string }[]): string {
  const counts = new Map<string, number>();
  for (const { phase } of leases) counts.set(phase, (counts.get(phase) ?? 0) + 1);
  return [...counts].map(([phase, count]) => `${count} ${phase}`).join(", ");
}
