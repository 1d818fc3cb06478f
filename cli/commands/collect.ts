import { readFile } from "node:fs/promises";
import { type Collected, collectBooked, collectByReading } from "@ionet/sdk";
import type { Address } from "@solana/kit";
import { Command } from "commander";
import { chainAmount, solText } from "../chain-amount.ts";
import { onChain, solanaAddress, withRpcUrl } from "../on-chain.ts";
import { CommandProblem } from "../problem-text.ts";
import type { Terminal } from "../terminal.ts";

type CollectFlags = { reading?: string; escrow?: Address; destination?: Address };

/** `ionet collect`: a supplier takes what a reading has earned, with nobody's help. */
export const collectCommand = (terminal: Terminal): Command =>
  withRpcUrl(new Command("collect"))
    .description(
      "Puts a meter's signed reading on the chain and collects what it has earned your wallet. Needs a Solana endpoint and the file alone; the agent keeps the newest reading of each cluster in its state folder, as readings/CLUSTER.json. Done twice, it pays once.",
    )
    .option("--reading <file>", "the signed reading")
    .option(
      "--escrow <address>",
      "without a reading: what is booked for you there already, by agreement or a settlement",
      solanaAddress,
    )
    .option(
      "--destination <account>",
      "a token account to be paid to, where your own is frozen",
      solanaAddress,
    )
    .addHelpText(
      "after",
      "\nExample:\n  ionet collect --reading ~/.ionet/agent/readings/clu_….json --url https://api.mainnet-beta.solana.com --keypair supplier.json",
    )
    .action(async (options: CollectFlags, command) => {
      const { chain, wallet, print } = await onChain(terminal, command);
      const { reading, escrow, destination } = options;
      const how = { signal: terminal.signal, ...(destination === undefined ? {} : { destination }) };
      const collected = await (reading !== undefined
        ? collectByReading(chain, await wallet(), await readReadingFile(reading), how)
        : collectBooked(chain, await wallet(), escrow ?? nothingNamed(), how));
      print(collected, collectedText(collected));
    });

function nothingNamed(): never {
  throw new CommandProblem("reading-missing", "there is nothing said to collect by", {
    field: "reading",
    given: "neither --reading nor --escrow",
    allowed: "--reading FILE, or --escrow ADDRESS for what is booked already",
    next: "name the newest reading of the agent: readings/CLUSTER.json in its state folder",
  });
}

async function readReadingFile(path: string): Promise<string> {
  return await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new CommandProblem("reading-unreadable", "the reading's file can't be read", {
      field: "reading",
      given: `${path} (${error.code ?? error.message})`,
      allowed: "a file that an agent wrote: readings/CLUSTER.json in its state folder",
      next: "name it with --reading",
    });
  });
}

/** What was paid, or why nothing was; then what it cost. */
export function collectedText(collected: Collected): string {
  const { mint, decimals, wallet, destination, signature, escrow, outcome, reading } = collected;
  if (mint === null) {
    return `Nothing left: there is no open escrow ${escrow}; it was settled and closed.`;
  }
  const amount = (units: bigint) => chainAmount(units, { mint, decimals });
  const lines: string[] = [];
  if (outcome === "paid") lines.push(`Paid ${amount(collected.paid)} to ${destination}.`);
  if (outcome === "nothing-left") {
    lines.push(`Nothing left: ${wallet} has got all that it has earned so far from escrow ${escrow}.`);
  }
  if (outcome === "waiting") {
    lines.push(
      `${amount(collected.waiting)} wait in the escrow for ${wallet}: its own token account is frozen or not its own any more.`,
      "They are booked and nobody else can take them. Name another token account with --destination.",
    );
  }
  if (reading === "refused") {
    lines.push(
      "The network takes this meter's word no more: only what was booked before could be collected.",
    );
  }
  if (collected.paidToOthers > 0n) {
    lines.push(`The same reading paid ${amount(collected.paidToOthers)} to this escrow's other suppliers.`);
  }
  if (signature !== null) lines.push(`Transaction ${signature}, fee ${solText(collected.feeLamports)}.`);
  if (collected.rentLamports > 0n) {
    lines.push(
      `Your token account was made: ${solText(collected.rentLamports)} of rent, yours when you close it.`,
    );
  }
  return lines.join("\n");
}
