import { type ClusterId, endpoints } from "@ionet/protocol";
import { type TopUpPlan, topUp, topUpEscrows } from "@ionet/sdk";
import { type Address, isAddress } from "@solana/kit";
import { Command, InvalidArgumentError } from "commander";
import { duration, wholeNumber } from "../arguments.ts";
import { chainAmount, solText } from "../chain-amount.ts";
import { contextOf } from "../command-context.ts";
import { onChain } from "../on-chain.ts";
import { CommandProblem } from "../problem-text.ts";
import { durationText } from "../quote-text.ts";
import { openWallet, ownChain } from "../session.ts";
import type { Terminal } from "../terminal.ts";

type WhichCluster = { clusterId: ClusterId } | { escrow: Address };
type TopUpFlags = { hours?: number; for?: number; yes?: boolean };

const MAX_HOURS = 720;

/** `ionet topup`: more time for what runs. */
export const topUpCommand = (terminal: Terminal): Command =>
  new Command("topup")
    .description(
      "Extends every running lease of a cluster, shows what it costs at most, asks, and pays with your wallet. What is not used returns. By an escrow's address anybody may pay, and --url is the Solana endpoint: no control plane is asked. Not beyond the longest that its suppliers offered when it was rented; by an address that is not checked, and what is beyond returns when the escrow is closed. In SOL not beyond 24 hours from the opening.",
    )
    .argument("<cluster>", "its id, or an escrow's address", which)
    .option("--hours <count>", "by how many hours", wholeNumber(1, MAX_HOURS))
    .option("--for <duration>", "or by how long, like 90s, 30m, 2h", duration)
    .option("-y, --yes", "do not ask before money moves")
    .addHelpText(
      "after",
      "\nExamples:\n  ionet topup clu_… --hours 2\n  ionet topup clu_… --for 30m --yes --json",
    )
    .action(async (asked: WhichCluster, given: TopUpFlags, command) => {
      const seconds = given.for ?? (given.hours ?? 0) * 3600;
      if (seconds === 0) throw noTime();
      const options = {
        ...{ seconds, signal: terminal.signal },
        approve: async (plan: TopUpPlan) => {
          terminal.note(planText(plan));
          return given.yes === true || (await terminal.confirm("Pay it into escrow?"));
        },
      };
      const context = await contextOf(terminal, command);
      const done = await ("clusterId" in asked
        ? topUpCluster(context, asked.clusterId, options)
        : topUpOnChain(terminal, command, asked.escrow, options));
      if (done === null) {
        terminal.note("Nothing was paid. With --yes it is paid without a question.");
        return;
      }
      context.print(done, `Paid. Transaction ${done.signature}, fee ${solText(done.feeLamports)}.`);
    });

type PlannedTopUp = Parameters<typeof topUpEscrows>[3];

async function topUpCluster(
  context: Awaited<ReturnType<typeof contextOf>>,
  clusterId: ClusterId,
  options: PlannedTopUp,
) {
  const chain = ownChain(context.settings);
  const wallet = await openWallet(context.settings);
  return await topUp(await context.session(), wallet, clusterId, { ...options, ...(chain ? { chain } : {}) });
}

async function topUpOnChain(terminal: Terminal, command: Command, escrow: Address, options: PlannedTopUp) {
  const { chain, wallet } = await onChain(terminal, command);
  return await topUpEscrows(chain, await wallet(), [{ escrow }], options);
}

/** What is bought, for the eyes of who pays. */
export function planText(plan: TopUpPlan): string {
  const ends = new Date(plan.endsAt * 1000).toISOString();
  return `${durationText(plan.seconds)} more for ${plan.leases} leases cost at most ${chainAmount(plan.cost, plan)}; they then run until ${ends}. What is not used returns.`;
}

function which(text: string): WhichCluster {
  const read = endpoints.getCluster.params.shape.clusterId.safeParse(text);
  if (read.success) return { clusterId: read.data };
  if (isAddress(text)) return { escrow: text };
  throw new InvalidArgumentError(`Given ${text}; allowed is a cluster's id (clu_…) or an escrow's address.`);
}

const noTime = () =>
  new CommandProblem("topup-time-missing", "how much time is to be bought was not said", {
    field: "hours",
    given: "nothing",
    allowed: `--hours 1 to ${MAX_HOURS}, or --for 60s to 30d`,
    next: "say it, like --hours 2",
  });
