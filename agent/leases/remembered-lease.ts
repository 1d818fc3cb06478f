import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { endLeftovers } from "../ray/leftovers.ts";
import { type HeldLease, observedLease } from "./held-lease.ts";
import type { LeaseEnd } from "./lease-failure.ts";
import { readLeaseRecord, writeLeaseRecord } from "./lease-record.ts";
import type { Machine } from "./machine.ts";
import { openStatementChain } from "./statement-chain.ts";

const KILLED: LeaseEnd = {
  reason: "ray-exited",
  detail: "The agent was killed; its Ray node ended with it.",
};

/**
 * What an agent before this one left in the leases' folder. Its Ray nodes are ended (only those), and what it had not told
 * of its leases, statements above all, is told by this one. A lease is not begun again: the seconds in between
 * were not delivered.
 */
export async function rememberLeases(
  folder: string,
  machine: Pick<Machine, "sign" | "log">,
): Promise<HeldLease[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const leases: HeldLease[] = [];
  for (const name of await readdir(folder)) {
    const leaseFolder = join(folder, name);
    const ended = await endLeftovers(join(leaseFolder, "ray"));
    if (ended > 0)
      machine.log.warn({ lease: name, processes: ended }, "ended what a killed agent left running");
    const record = readLeaseRecord(leaseFolder);
    const chain =
      record && openStatementChain({ folder: leaseFolder, leaseId: record.leaseId, sign: machine.sign });
    if (record === undefined || chain === undefined) {
      await rm(leaseFolder, { recursive: true, force: true });
      continue;
    }
    const end = record.end ?? KILLED;
    writeLeaseRecord(leaseFolder, { ...record, end });
    machine.log.info(
      { leaseId: record.leaseId, reason: end.reason },
      "a lease of the agent before is told as ended",
    );
    leases.push({
      leaseId: record.leaseId,
      hasEnded: () => true,
      observed: () =>
        observedLease(record.leaseId, chain, chain.first() === undefined ? "preparing" : "joined", end),
      follow: (desired) => chain.acknowledge(desired.statementsReceived),
      end: async () => {},
      tick: () => {},
      forget: () => rm(leaseFolder, { recursive: true, force: true }),
    });
  }
  return leases;
}
