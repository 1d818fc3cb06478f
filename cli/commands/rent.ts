import { MAX_LEASES_OF_ESCROW } from "@ionet/protocol";
import { rent } from "@ionet/sdk";
import { Command, Option } from "commander";
import { duration, moment, wholeNumber } from "../arguments.ts";
import { contextOf } from "../command-context.ts";
import { amountText } from "../money-text.ts";
import { quoteText } from "../quote-text.ts";
import { noteProgress, readyText } from "../rent-text.ts";
import { rentWaiting } from "../rent-waiting.ts";
import { openWallet, ownChain } from "../session.ts";
import type { Terminal } from "../terminal.ts";
import { type DemandOptions, demandOf, withDemandOptions } from "./demand-options.ts";

/** `ionet rent`: from a demand to a running Ray cluster. */
export const rentCommand = (terminal: Terminal): Command =>
  withDemandOptions(new Command("rent"))
    .description(
      "Quotes, asks you, books, opens and funds the escrow with your wallet, and waits until the Ray cluster is ready.",
    )
    .option("-y, --yes", "do not ask before money moves")
    .option(
      "--leases-per-escrow <count>",
      "for a wallet that signs only v0 transactions: at most 15; else 50",
      wholeNumber(1, MAX_LEASES_OF_ESCROW),
    )
    .addOption(
      new Option("--wait <time>", "if it can't be had now, wait for it so long, like 2h; stay connected")
        .argParser(duration)
        .conflicts("waitUntil"),
    )
    .option("--wait-until <time>", "or until then: '2026-11-23 18:00' by this machine's clock", moment)
    .addHelpText(
      "after",
      "\nExamples:\n  ionet rent a100-40gb -n 4 --min-suppliers 3 --for 2h\n  ionet rent rtx-4090 --yes --json\n  ionet rent h100 -n 8 --wait-until '2026-11-23 18:00' --max-price 2.10",
    )
    .action(
      async (
        model: string,
        options: DemandOptions & { yes?: boolean; leasesPerEscrow?: number; wait?: number; waitUntil?: Date },
        command,
      ) => {
        const context = await contextOf(terminal, command);
        const ionet = await context.session();
        const chain = ownChain(context.settings);
        const wallet = await openWallet(context.settings);
        const wanted = demandOf(model, options);
        const common = {
          signal: terminal.signal,
          ...(chain ? { chain } : {}),
          ...(options.leasesPerEscrow === undefined ? {} : { leasesPerEscrow: options.leasesPerEscrow }),
        };
        const waitUntil =
          options.wait === undefined
            ? options.waitUntil
            : new Date(terminal.clock.now() + options.wait * 1000);
        if (waitUntil !== undefined) {
          const parts = { terminal, ionet, wallet, yes: options.yes === true };
          const cluster = await rentWaiting(parts, wanted, { ...common, waitUntil });
          if (cluster !== null) context.print(cluster, readyText(cluster));
          return;
        }
        const rented = await rent(ionet, wallet, wanted, {
          ...common,
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
            else if (event.event !== "quoted") noteProgress(terminal, event);
          },
        });
        if (rented === null) {
          terminal.note("Nothing was booked. With --yes it is booked without a question.");
          return;
        }
        context.print(rented.cluster, readyText(rented.cluster));
      },
    );
