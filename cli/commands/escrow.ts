import { connectChain, readEscrow } from "@ionet/chain";
import { address } from "@solana/kit";
import { Command } from "commander";
import { clusterId } from "../arguments.ts";
import { contextOf } from "../command-context.ts";
import { priceText, usdcText } from "../money-text.ts";
import { ownChain } from "../session.ts";
import { settlementText } from "../settlement-text.ts";
import { short, table } from "../table.ts";
import type { Terminal } from "../terminal.ts";

/** `ionet escrow show`: what the chain says of a cluster's escrow, or how it was settled. */
export const escrowCommand = (terminal: Terminal): Command =>
  new Command("escrow").summary("where a cluster's money is").addCommand(
    new Command("show")
      .description("Reads a cluster's escrow from the chain; when it is closed, how it was settled.")
      .argument("<cluster>", "its id", clusterId)
      .addHelpText("after", "\nExample:\n  ionet escrow show clu_…")
      .action(async (id: ReturnType<typeof clusterId>, _options, command) => {
        const context = await contextOf(terminal, command);
        const ionet = await context.session();
        const cluster = await ionet.getCluster({ params: { clusterId: id } });
        const network = await ionet.getNetwork();
        const chain =
          ownChain(context.settings) ??
          connectChain({ url: network.chain.rpcUrl, wsUrl: network.chain.wsUrl });
        const escrow = await readEscrow(chain, address(cluster.escrow), "confirmed");
        if (escrow === null) {
          const settlement = await ionet.getSettlement({ params: { clusterId: id } });
          context.print(settlement, `The escrow is closed.\n\n${settlementText(cluster, settlement)}`);
          return;
        }
        const leases = table(
          ["supplier", ">$/hour", ">budget", ">seconds", ">paid", ">fee"],
          escrow.leases.map((lease) => [
            short(lease.supplier),
            priceText(BigInt(lease.ratePerHour)),
            `${lease.maxSeconds} s`,
            String(lease.seconds),
            usdcText(BigInt(lease.paid)),
            usdcText(BigInt(lease.fee)),
          ]),
        );
        context.print(
          escrow,
          `escrow ${escrow.address}, ${escrow.status}: deposited ${usdcText(escrow.deposited)}, paid ${usdcText(escrow.paid)}, fees ${usdcText(escrow.fees)}, refunded ${usdcText(escrow.refunded)}\n\n${leases}`,
        );
      }),
  );
