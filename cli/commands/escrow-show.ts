import { connectChain } from "@ionet/chain";
import { type ClusterId, endpoints } from "@ionet/protocol";
import { type EscrowLook, lookAtEscrow } from "@ionet/sdk";
import { type Address, address, isAddress } from "@solana/kit";
import { Command, InvalidArgumentError } from "commander";
import { contextOf } from "../command-context.ts";
import { escrowLookText } from "../escrow-text.ts";
import { onChain } from "../on-chain.ts";
import { ownChain } from "../session.ts";
import { settlementText } from "../settlement-text.ts";
import type { Terminal } from "../terminal.ts";

/** A cluster is asked for at the control plane, an escrow at the chain alone. */
type WhichEscrow = { clusterId: ClusterId } | { escrow: Address };

/** `ionet escrow show`: what the chain says of an escrow. */
export const escrowShowCommand = (terminal: Terminal): Command =>
  new Command("show")
    .description(
      "Reads an escrow from the chain: deposit, leases, seconds, paid, owed, and when anybody may close it. By its address no control plane is asked; by a cluster's id it is, and it knows how a closed one was settled.",
    )
    .argument("<escrow>", "an escrow's address, or a cluster's id", which)
    .option(
      "--url <url>",
      "for an address: the Solana endpoint (IONET_RPC_URL); for a cluster: the control plane",
    )
    .addHelpText(
      "after",
      "\nExamples:\n  ionet escrow show clu_…\n  ionet escrow show 7xKX… --url http://127.0.0.1:8899",
    )
    .action(async (asked: WhichEscrow, _options, command) => {
      if ("clusterId" in asked) return await showOfCluster(terminal, command, asked.clusterId);
      const { chain, print } = await onChain(terminal, command);
      const look = await lookAtEscrow(chain, asked.escrow);
      print(look, escrowLookText(look));
    });

async function showOfCluster(terminal: Terminal, command: Command, clusterId: ClusterId): Promise<void> {
  const context = await contextOf(terminal, command);
  const ionet = await context.session();
  const cluster = await ionet.getCluster({ params: { clusterId } });
  const network = await ionet.getNetwork();
  const chain =
    ownChain(context.settings) ?? connectChain({ url: network.chain.rpcUrl, wsUrl: network.chain.wsUrl });
  const looks: EscrowLook[] = [];
  for (const place of cluster.escrows) {
    const look = await lookAtEscrow(chain, address(place)).catch((error: unknown) => {
      if (error instanceof Error && "code" in error && error.code === "not-found") return null;
      throw error;
    });
    if (look !== null) looks.push(look);
  }
  const isOne = cluster.escrows.length === 1;
  const closed = cluster.escrows.length - looks.length;
  if (looks.length === 0) {
    const settlement = await ionet.getSettlement({ params: { clusterId } });
    const text = `${isOne ? "The escrow is" : `All ${closed} escrows are`} closed.`;
    return context.print(settlement, `${text}\n\n${settlementText(cluster, settlement)}`);
  }
  const texts = looks.map(escrowLookText);
  if (closed > 0) texts.push(`${closed} of ${cluster.escrows.length} escrows are closed already`);
  context.print(isOne ? looks[0] : looks, texts.join("\n\n"));
}

function which(text: string): WhichEscrow {
  const read = endpoints.getCluster.params.shape.clusterId.safeParse(text);
  if (read.success) return { clusterId: read.data };
  if (isAddress(text)) return { escrow: text };
  throw new InvalidArgumentError(`Given ${text}; allowed is an escrow's address or a cluster's id (clu_…).`);
}
