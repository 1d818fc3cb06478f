import { readFile, writeFile } from "node:fs/promises";
import { type AgreedTerms, acceptAgreement, proposeAgreement } from "@ionet/sdk";
import type { Address } from "@solana/kit";
import { Command } from "commander";
import { wholeNumber } from "../arguments.ts";
import { chainAmount, solText } from "../chain-amount.ts";
import { type OnChain, onChain, solanaAddress, withRpcUrl } from "../on-chain.ts";
import { CommandProblem } from "../problem-text.ts";
import type { Terminal } from "../terminal.ts";

type AgreeOptions = { lease?: number; seconds?: number; out?: string; in?: string; yes?: boolean };

/** `ionet escrow agree`: engineer and supplier settle one lease between themselves. */
export const escrowAgreeCommand = (terminal: Terminal): Command =>
  withRpcUrl(new Command("agree"))
    .summary("engineer and supplier settle a lease between themselves, without a meter")
    .description(
      "Both sign how many seconds a lease has delivered. The first writes a file with --out; the second reads it with --in, sees what it pays, signs and sends. The file keeps for any time: the transaction lives by a nonce account of the first wallet (made once, 0.0015 SOL that stay in it), not by a blockhash. A new proposal of the same wallet voids the one before. The first one pays the fee.",
    )
    .argument("[escrow]", "its address, for a proposal", solanaAddress)
    .option("--lease <number>", "which lease, as `ionet escrow show` numbers them", wholeNumber(0, 49))
    .option("--seconds <count>", "delivered since its start, all in all", wholeNumber(0, 0xffff_ffff))
    .option("--out <file>", "write the proposal there")
    .option("--in <file>", "accept the proposal in this file")
    .option("-y, --yes", "accept without a question")
    .addHelpText(
      "after",
      "\nExamples:\n  ionet escrow agree 7xKX… --lease 0 --seconds 5400 --out lease-0.json --url http://127.0.0.1:8899\n  ionet escrow agree --in lease-0.json --url http://127.0.0.1:8899",
    )
    .action(async (escrow: Address | undefined, options: AgreeOptions, command) => {
      const at = await onChain(terminal, command);
      if (options.in !== undefined) return await accept(terminal, at, options.in, options.yes === true);
      const { lease, seconds, out } = options;
      if (escrow === undefined || lease === undefined || seconds === undefined || out === undefined) {
        throw incomplete();
      }
      const { file, rentLamports, ...terms } = await proposeAgreement(at.chain, await at.wallet(), {
        ...{ escrow, lease, seconds },
      });
      await writeFile(out, file, { mode: 0o600 });
      const lines = [
        termsText(terms),
        `Proposed in ${out}: give it to the other side, who accepts with ionet escrow agree --in ${out}`,
        ...(rentLamports === 0n ? [] : [`Your nonce account was made: ${solText(rentLamports)} stay in it.`]),
      ];
      at.print({ ...terms, out, rentLamports }, lines.join("\n"));
    });

async function accept(terminal: Terminal, at: OnChain, path: string, approved: boolean): Promise<void> {
  const file = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new CommandProblem("agreement-unreadable", "the agreement's file can't be read", {
      field: "in",
      given: `${path} (${error.code ?? error.message})`,
      allowed: "a file that `ionet escrow agree --out` wrote",
      next: "name it with --in",
    });
  });
  const accepted = await acceptAgreement(at.chain, await at.wallet(), file, async (terms) => {
    terminal.note(termsText(terms));
    return approved || (await terminal.confirm("Sign and send it?"));
  });
  if (accepted === null) {
    terminal.note("Nothing was signed. With --yes it is signed without a question.");
    return;
  }
  const sent = `Agreed. Transaction ${accepted.signature}, fee ${solText(accepted.feeLamports)}, paid by who proposed.`;
  at.print(accepted, sent);
}

/** What an agreement pays, for the eyes of who signs. */
export function termsText(terms: AgreedTerms): string {
  const amount = (units: bigint) => chainAmount(units, terms);
  return [
    `Lease ${terms.lease} of escrow ${terms.escrow}: ${terms.seconds} s in all, ${terms.secondsBefore} s of them accepted before.`,
    `It pays ${amount(terms.pays)} to the supplier ${terms.supplier}, and ${amount(terms.fee)} of fee, out of the escrow of ${terms.engineer}.`,
  ].join("\n");
}

const incomplete = () =>
  new CommandProblem("agreement-incomplete", "neither a proposal nor a file to accept is named", {
    field: "escrow",
    given: "not all of ESCROW, --lease, --seconds, --out; and no --in",
    allowed: "ESCROW --lease N --seconds S --out FILE to propose, or --in FILE to accept",
    next: "see `ionet escrow agree --help`",
  });
