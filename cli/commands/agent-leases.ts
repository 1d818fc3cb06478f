import type { LeaseId, SupplierLease } from "@ionet/protocol";
import type { Ionet } from "@ionet/sdk";
import { Command } from "commander";
import { leaseId } from "../arguments.ts";
import { contextOf } from "../command-context.ts";
import { CommandProblem } from "../problem-text.ts";
import { durationText } from "../quote-text.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";

/** `ionet agent leases`: what my nodes are hired for. */
export const agentLeasesCommand = (terminal: Terminal): Command =>
  new Command("leases")
    .description("Lists the leases on my nodes that have not ended.")
    .action(async (_options, command) => {
      const context = await contextOf(terminal, command);
      const leases = await everyLease(await context.session());
      context.print(leases, leasesText(leases));
    });

/** `ionet agent reclaim`: takes nodes back from interruptible leases. */
export const agentReclaimCommand = (terminal: Terminal): Command =>
  new Command("reclaim")
    .description(
      "Takes my node back from a lease that was hired at the interruptible price: it ends in 120 s, paid until then.",
    )
    .argument("[lease]", "its id (see `ionet agent leases`)", leaseId)
    .option("--all", "every interruptible lease on my nodes")
    .addHelpText("after", "\nExamples:\n  ionet agent reclaim lea_…\n  ionet agent reclaim --all")
    .action(async (id: LeaseId | undefined, options: { all?: boolean }, command) => {
      const context = await contextOf(terminal, command);
      const ionet = await context.session();
      const ids = id === undefined ? await reclaimable(ionet, options.all === true) : [id];
      const reclaimed: SupplierLease[] = [];
      for (const one of ids) reclaimed.push(await ionet.reclaimLease({ params: { leaseId: one } }));
      context.print(
        reclaimed,
        reclaimed.length === 0 ? "No interruptible lease runs on your nodes." : leasesText(reclaimed),
      );
    });

async function reclaimable(ionet: Ionet, all: boolean): Promise<LeaseId[]> {
  if (all) return (await everyLease(ionet)).filter((lease) => lease.interruptible).map((lease) => lease.id);
  throw new CommandProblem("lease-not-named", "which lease is meant is not said", {
    field: "lease",
    given: "nothing",
    allowed: "a lease's id, or --all",
    next: "see their ids with `ionet agent leases`",
  });
}

async function everyLease(ionet: Ionet): Promise<SupplierLease[]> {
  const leases: SupplierLease[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<Ionet["listLeases"]>> = await ionet.listLeases({
      query: { limit: 200, ...(cursor === null ? {} : { cursor }) },
    });
    leases.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return leases;
}

function leasesText(leases: readonly SupplierLease[]): string {
  const isBilledApart = leases.some((lease) => lease.billedSeconds !== lease.deliveredSeconds);
  const billed = isBilledApart ? [">billed"] : [];
  return leases.length === 0
    ? "Nothing is hired on your nodes just now."
    : table(
        ["lease", "node", "GPU", ">GPUs", "phase", ">delivered", ...billed, "interruptible", "taken back at"],
        leases.map((lease) => [
          lease.id,
          lease.nodeId,
          lease.gpuModel + (lease.simulated ? " (simulated)" : ""),
          String(lease.gpus.length),
          lease.phase,
          durationText(lease.deliveredSeconds),
          ...(isBilledApart ? [durationText(lease.billedSeconds)] : []),
          lease.interruptible ? "yes" : "no",
          lease.reclaimAt ?? "",
        ]),
      );
}
