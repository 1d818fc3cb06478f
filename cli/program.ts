import { Command } from "commander";
import { agentCommand } from "./commands/agent.ts";
import { apiKeysCommand } from "./commands/api-keys.ts";
import { clustersCommand } from "./commands/clusters.ts";
import { collectCommand } from "./commands/collect.ts";
import { compareCommand } from "./commands/compare.ts";
import { demoCommand } from "./commands/demo.ts";
import { earningsCommand } from "./commands/earnings.ts";
import { escrowCommand } from "./commands/escrow.ts";
import { listingsCommand } from "./commands/listings.ts";
import { loginCommand } from "./commands/login.ts";
import { jobsCommand, logsCommand } from "./commands/logs.ts";
import { networkCommand } from "./commands/network.ts";
import { nodesCommand } from "./commands/nodes.ts";
import { quoteCommand } from "./commands/quote.ts";
import { rentCommand } from "./commands/rent.ts";
import { requestsCommand } from "./commands/requests.ts";
import { searchCommand } from "./commands/search.ts";
import { stopCommand } from "./commands/stop.ts";
import { submitCommand } from "./commands/submit.ts";
import { tokenCommand } from "./commands/token.ts";
import { topUpCommand } from "./commands/topup.ts";
import { walletCommand } from "./commands/wallet.ts";
import type { Terminal } from "./terminal.ts";

/**
 * The `ionet` command with all its subcommands. Wrong usage throws commander's CommanderError, which commander has told
 * by then, unless `asJson`: then it is the caller's to tell.
 */
export function createProgram(terminal: Terminal, asJson = false): Command {
  const program = new Command("ionet")
    .description("Rent Ray clusters from independent GPU suppliers, paid by the second on Solana.")
    .option("--url <url>", "the control plane (IONET_URL; http://127.0.0.1:8080)")
    .option("--keypair <file>", "the wallet, in Solana's format (IONET_KEYPAIR; ~/.config/solana/id.json)")
    .option("--rpc <url>", "your own Solana endpoint (IONET_RPC_URL; the control plane's)")
    .option("--json", "one JSON document on stdout, for programs; a problem is one on stderr")
    .showHelpAfterError("(add --help for what is allowed)")
    .addHelpText(
      "after",
      "\nExamples:\n  ionet demo\n  ionet search a100-40gb\n  ionet rent a100-40gb -n 4 --min-suppliers 3 --for 2h\n  ionet submit clu_… --working-dir . -- python main.py\n  ionet stop clu_…",
    );
  const commands = [
    ...[demoCommand, loginCommand, walletCommand, searchCommand, quoteCommand, rentCommand, requestsCommand],
    ...[
      clustersCommand,
      submitCommand,
      logsCommand,
      jobsCommand,
      stopCommand,
      topUpCommand,
      escrowCommand,
      collectCommand,
      tokenCommand,
      apiKeysCommand,
    ],
    ...[compareCommand, listingsCommand, earningsCommand],
    ...[agentCommand, nodesCommand, networkCommand],
  ];
  for (const command of commands) program.addCommand(command(terminal));
  for (const command of withSubcommands(program)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => terminal.out(text.replace(/\n$/, "")),
      ...(asJson ? { writeErr: () => {} } : {}),
    });
  }
  return program;
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}
