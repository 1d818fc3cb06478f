import { join } from "node:path";
import { errorText } from "@ionet/machine";
import type { DesiredLease, EndReason, LeaseId, ObservedLease } from "@ionet/protocol";
import { decide } from "./decide.ts";
import { type HeldLease, holdLease } from "./held-lease.ts";
import type { Machine } from "./machine.ts";

/** The leases of this machine, brought to what is desired at every sync. */
export type LeaseBook = {
  observed(): ObservedLease[];
  apply(desired: readonly DesiredLease[]): void;
  tick(): void;
  /** Ends every lease for this reason and takes no new one; settles when all have ended. */
  endAll(reason: EndReason, detail: string | null, options?: { close: boolean }): Promise<void>;
  /** Whether everything of every lease has been told and forgotten. */
  isEmpty(): boolean;
};

/** Opens the book; `remembered` are leases that an agent before this one left. */
export function openLeaseBook(options: {
  folder: string;
  machine: Machine;
  remembered: readonly HeldLease[];
  onChange: () => void;
}): LeaseBook {
  const { folder, machine, onChange } = options;
  const held = new Map<LeaseId, HeldLease>(options.remembered.map((lease) => [lease.leaseId, lease]));
  /** Leases whose end the last sync told: its answer is on the way or has come. */
  let told = new Set<LeaseId>();
  let isClosing = false;

  return {
    observed: () => {
      const observed = [...held.values()].map((lease) => lease.observed());
      told = new Set(observed.filter(({ phase }) => phase === "ended").map(({ leaseId }) => leaseId));
      return observed;
    },
    apply: (desired) => {
      const now = [...held.values()].map((lease) => ({
        leaseId: lease.leaseId,
        hasEnded: lease.hasEnded(),
        toldEnded: told.has(lease.leaseId),
      }));
      for (const step of decide(desired, now, isClosing)) {
        if (step.do === "begin") {
          const { lease } = step;
          const leaseFolder = join(folder, lease.leaseId);
          held.set(lease.leaseId, holdLease({ desired: lease, folder: leaseFolder, machine, onChange }));
        } else if (step.do === "follow") held.get(step.lease.leaseId)?.follow(step.lease);
        else if (step.do === "end") {
          void held.get(step.leaseId)?.end(step.reason, step.detail ?? undefined);
        } else {
          const lease = held.get(step.leaseId);
          held.delete(step.leaseId);
          lease?.forget().catch((error: unknown) => {
            machine.log.error({ leaseId: step.leaseId, error: errorText(error) }, "a lease's folder stays");
          });
        }
      }
    },
    tick: () => {
      for (const lease of held.values()) lease.tick();
    },
    endAll: async (reason, detail, { close } = { close: false }) => {
      isClosing ||= close;
      await Promise.all([...held.values()].map((lease) => lease.end(reason, detail ?? undefined)));
    },
    isEmpty: () => held.size === 0,
  };
}
