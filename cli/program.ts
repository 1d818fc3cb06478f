import { Command } from "commander";
import { commands } from "./command-table.ts";
import type { Terminal } from "./terminal.ts";

type ProgramParts = {
  /** What was typed. A command can run only when its name stands among these, so no other command's module is read. */
  words: readonly string[];
  /** Wrong usage throws commander's CommanderError, which commander has told by then, unless this: then the caller tells. */
  asJson: boolean;
};

/** The `ionet` command with all its subcommands; those that are not named know no more than the help shows of them. */
export async function createProgram(terminal: Terminal, { words, asJson }: ProgramParts): Promise<Command> {
  const program = new Command("ionet")
    .description("Rent Ray clusters from independent GPU suppliers, paid by the second on Solana.")
    .option("--url <url>", "the control plane (IONET_URL; http://127.0.0.1:8080)")
    .option("--keypair <file>", "the wallet, in Solana's format (IONET_KEYPAIR; ~/.config/solana/id.json)")
    .option("--rpc <url>", "your own Solana endpoint (IONET_RPC_URL; the control plane's)")
    .option("--json", "one JSON document on stdout, for programs; a problem is one on stderr")
    .configureHelp({ subcommandTerm: (command) => [command.name(), ...command.aliases()].join(", ") })
    .showHelpAfterError("(add --help for what is allowed)")
    .addHelpText(
      "after",
      "\nExamples:\n  ionet demo\n  ionet search a100-40gb\n  ionet rent a100-40gb -n 4 --min-suppliers 3 --for 2h\n  ionet submit clu_… --working-dir . -- python main.py\n  ionet stop clu_…",
    );
  for (const { name, alias, summary, load } of commands) {
    const isNamed = words.includes(name) || (alias !== undefined && words.includes(alias));
    const command = isNamed ? (await load())(terminal) : new Command(name);
    if (alias !== undefined) command.alias(alias);
    program.addCommand(command.summary(summary));
  }
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
