import { readFile } from "node:fs/promises";
import { enrolAgent } from "@ionet/agent";
import { type SupplierKind, supplierKindSchema } from "@ionet/protocol";
import { Command, InvalidArgumentError } from "commander";
import { duration, wholeNumber } from "../arguments.ts";
import { contextOf } from "../command-context.ts";
import { CommandProblem } from "../problem-text.ts";
import type { Terminal } from "../terminal.ts";
import { agentLeasesCommand, agentReclaimCommand } from "./agent-leases.ts";
import { agentRunCommand } from "./agent-run.ts";
import { agentTermsCommand } from "./agent-terms.ts";

type TokenOptions = { kind: SupplierKind; uses: number; validFor: number };
type EnrollOptions = { state: string; tokenFile?: string };

/** `ionet agent`: a supplier's side: a token, enrolment of a node, the daemon. */
export const agentCommand = (terminal: Terminal): Command =>
  new Command("agent")
    .addHelpText(
      "after",
      "\nExamples:\n  ionet agent token --kind miner > token.txt\n  ionet agent enroll --state ~/.ionet-agent --token-file token.txt\n  ionet agent run --state ~/.ionet-agent --price 0.40 --country DE",
    )
    .addCommand(
      new Command("token")
        .description("Makes a token that enrols nodes to my wallet. It is a secret.")
        .option(
          "--kind <kind>",
          supplierKindSchema.options.join(", "),
          supplierKind,
          "individual" as SupplierKind,
        )
        .option("--uses <count>", "how many nodes it enrols", wholeNumber(1, 1000), 1)
        .option("--valid-for <time>", "like 10m, 1d", duration, 86_400)
        .action(async (options: TokenOptions, command) => {
          const context = await contextOf(terminal, command);
          const made = await (await context.session()).createEnrolmentToken({
            body: { supplierKind: options.kind, uses: options.uses, expiresInSeconds: options.validFor },
          });
          terminal.note(`enrols ${made.uses} node(s) until ${made.expiresAt}`);
          context.print(made, made.token);
        }),
    )
    .addCommand(
      new Command("enroll")
        .description("Makes this node's key on this machine and enrols it with a token.")
        .requiredOption("--state <folder>", "where the node's key and configuration live")
        .option("--token-file <file>", "the token; else the environment variable IONET_ENROLMENT_TOKEN")
        .action(async (options: EnrollOptions, command) => {
          const context = await contextOf(terminal, command);
          const enrolled = await enrolAgent({
            stateFolder: options.state,
            controlPlane: context.settings.url,
            token: await readToken(terminal, options.tokenFile),
          });
          context.print(
            enrolled,
            `${enrolled.nodeId} is enrolled for ${enrolled.supplier} (${enrolled.supplierKind}).`,
          );
        }),
    )
    .addCommand(agentRunCommand())
    .addCommand(agentTermsCommand(terminal))
    .addCommand(agentLeasesCommand(terminal))
    .addCommand(agentReclaimCommand(terminal));

async function readToken(terminal: Terminal, file: string | undefined): Promise<string> {
  const token =
    file === undefined ? terminal.env.IONET_ENROLMENT_TOKEN : await readFile(file, "utf8").catch(() => "");
  if (token?.trim()) return token.trim();
  throw new CommandProblem("enrolment-token-missing", "there is no enrolment token", {
    field: "token-file",
    given: file ?? "nothing",
    allowed: "a file with the token, or the environment variable IONET_ENROLMENT_TOKEN",
    next: "make a token with `ionet agent token`",
  });
}

function supplierKind(text: string): SupplierKind {
  const read = supplierKindSchema.safeParse(text);
  if (read.success) return read.data;
  throw new InvalidArgumentError(`Given ${text}; allowed: ${supplierKindSchema.options.join(", ")}.`);
}
