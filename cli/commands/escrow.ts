import { closeEscrow, stopEscrow } from "@ionet/sdk";
import type { Address } from "@solana/kit";
import { Command } from "commander";
import { closedText, stoppedText } from "../escrow-text.ts";
import { onChain, solanaAddress, withRpcUrl } from "../on-chain.ts";
import type { Terminal } from "../terminal.ts";
import { escrowAgreeCommand } from "./escrow-agree.ts";
import { escrowShowCommand } from "./escrow-show.ts";

/** `ionet escrow …`: a cluster's money on the chain, with no control plane between. */
export const escrowCommand = (terminal: Terminal): Command =>
  new Command("escrow")
    .addCommand(escrowShowCommand(terminal))
    .addCommand(closeCommand(terminal))
    .addCommand(stopCommand(terminal))
    .addCommand(escrowAgreeCommand(terminal));

const closeCommand = (terminal: Terminal) =>
  withRpcUrl(new Command("close"))
    .description(
      "Returns to the engineer what nobody can earn any more. Anybody may: after a final reading, or 24 hours after the last second that can be earned.",
    )
    .argument("<escrow>", "its address", solanaAddress)
    .addHelpText("after", "\nExample:\n  ionet escrow close 7xKX… --url http://127.0.0.1:8899")
    .action(async (escrow: Address, _options, command) => {
      const { chain, wallet, print } = await onChain(terminal, command);
      const closed = await closeEscrow(chain, await wallet(), escrow, { signal: terminal.signal });
      print(closed, closedText(closed));
    });

const stopCommand = (terminal: Terminal) =>
  withRpcUrl(new Command("stop"))
    .description(
      "Ends all leases of your escrow now, on the chain itself. What none of them can have earned returns at once. With a control plane at hand `ionet stop CLUSTER` settles everything in one go.",
    )
    .argument("<escrow>", "its address", solanaAddress)
    .addHelpText("after", "\nExample:\n  ionet escrow stop 7xKX… --url http://127.0.0.1:8899")
    .action(async (escrow: Address, _options, command) => {
      const { chain, wallet, print } = await onChain(terminal, command);
      const stopped = await stopEscrow(chain, await wallet(), escrow, { signal: terminal.signal });
      print(stopped, stoppedText(stopped));
    });
