import { rm } from "node:fs/promises";
import { errorText } from "@ionet/machine";
import {
  type DesiredLease,
  type EndReason,
  type LeaseId,
  type ObservedLease,
  STATEMENT_INTERVAL_SECONDS,
} from "@ionet/protocol";
import type { RayNode } from "../ray/ray-node.ts";
import { type LeaseEnd, leaseEndOf } from "./lease-failure.ts";
import { writeLeaseRecord } from "./lease-record.ts";
import type { Machine } from "./machine.ts";
import { peersAlive } from "./peers-alive.ts";
import { startRay } from "./start-ray.ts";
import { openStatementChain, type StatementChain } from "./statement-chain.ts";

/** The control plane takes so many of a lease at once. */
const STATEMENTS_PER_SYNC = 400;
/** How often a head looks who of its cluster is alive. */
const LOOK_MS = 2_000;

/** A lease on this machine: running, or ended and not yet told. */
export type HeldLease = {
  leaseId: LeaseId;
  hasEnded(): boolean;
  observed(): ObservedLease;
  /** Takes over what is wanted now: peers, budget, and which statements arrived. */
  follow(desired: DesiredLease): void;
  /** Makes the last statement at once and stops Ray; settles when the lease has ended. Safe to call again. */
  end(reason: EndReason, detail?: string): Promise<void>;
  /** Does what is due: a statement, a look at the peers, the end of the budget. Call it twice a second. */
  tick(): void;
  /** Takes everything of the lease off the disk. */
  forget(): Promise<void>;
};

/** What is said of a lease: ended only when all its statements fit into the same sync. */
export function observedLease(
  leaseId: LeaseId,
  chain: StatementChain,
  phase: "preparing" | "joined",
  end: LeaseEnd | null,
): ObservedLease {
  const statements = chain.outstanding(STATEMENTS_PER_SYNC);
  const isTold = end !== null && statements.length < STATEMENTS_PER_SYNC;
  return {
    leaseId,
    phase: isTold ? "ended" : phase,
    reason: isTold ? end.reason : null,
    detail: isTold ? end.detail : null,
    statements,
  };
}

/** Begins to hold a lease: prepares, starts Ray, joins, states, ends. `onChange` is called when there is news to tell. */
export function holdLease(options: {
  desired: DesiredLease;
  folder: string;
  machine: Machine;
  onChange: () => void;
}): HeldLease {
  const { folder, machine, onChange } = options;
  const { clock, log } = machine;
  let lease = options.desired;
  const { leaseId, clusterId, role, gpus } = lease;
  const chain = openStatementChain({ folder, leaseId, sign: machine.sign });
  const record = (end: LeaseEnd | null) => writeLeaseRecord(folder, { leaseId, clusterId, role, gpus, end });
  const abort = new AbortController();
  let node: RayNode | undefined;
  let closeTunnel: (() => void) | undefined;
  /** Null until the head has looked once: it then contradicts nobody. */
  let alive: LeaseId[] | null = null;
  let isLooking = false;
  let lookedMs = 0;
  let ending: Promise<void> | undefined;
  let end: LeaseEnd | null = null;

  const append = (atMs: number) => chain.append({ atMs, gpus, peersAlive: role === "head" ? alive : null });
  /** A statement that can't be written down is not made: nobody works unpaid, so the lease ends (once). */
  const state = (atMs: number) => {
    try {
      append(atMs);
      onChange();
    } catch (error) {
      log.error({ leaseId, error: errorText(error) }, "a statement could not be written");
      void endWith({ reason: "disk-full", detail: "The node could not write down what it delivered." });
    }
  };
  const budgetEndMs = () => (chain.first()?.atMs ?? clock.now()) + lease.maxSeconds * 1000;

  const look = async (ray: RayNode) => {
    isLooking = true;
    lookedMs = clock.now();
    try {
      const seen = peersAlive(lease, await ray.aliveRayNodes());
      if (ending !== undefined || seen.join() === alive?.join()) return;
      alive = seen;
      // Said at once, so that what the head says of a worker begins and ends when it does.
      if (chain.first() !== undefined) state(clock.now());
    } catch (error) {
      // What was seen last stands: a head too busy to answer does not say that all others are dead.
      log.warn({ leaseId, error: errorText(error) }, "the head does not say who is alive");
    } finally {
      isLooking = false;
    }
  };

  const finish = async (how: LeaseEnd, starting: Promise<void>) => {
    // An end by itself is paid up to the statement before it: nobody saw what came after.
    const isOrderly = how.reason !== "ray-exited" && chain.first() !== undefined;
    log.info({ leaseId, ...how }, "lease ending");
    try {
      if (isOrderly) append(Math.min(clock.now(), budgetEndMs()));
      record(how);
    } catch (error) {
      log.error({ leaseId, error: errorText(error) }, "the lease's end could not be written");
    }
    onChange();
    abort.abort();
    closeTunnel?.();
    await starting;
    await node
      ?.stop()
      .catch((error: unknown) => log.error({ leaseId, error: errorText(error) }, "Ray did not stop"));
    end = how;
    log.info({ leaseId, reason: how.reason }, "lease ended");
    onChange();
  };
  const endWith = (how: LeaseEnd): Promise<void> => {
    ending ??= finish(how, starting);
    return ending;
  };

  const begin = async () => {
    record(null);
    log.info({ leaseId, clusterId, role, gpus }, "lease preparing");
    const ray = await startRay(machine, lease, folder, abort.signal);
    node = ray;
    if (abort.signal.aborted) return;
    if (role === "head") await look(ray);
    if (abort.signal.aborted) return;
    log.info({ leaseId, role }, "lease joined");
    state(clock.now());
    if (abort.signal.aborted) return;
    if (role === "head") closeTunnel = machine.openTunnel(leaseId, ray);
    void ray.exited.then((how) => {
      if (ending === undefined) void endWith({ reason: "ray-exited", detail: how.detail.slice(0, 500) });
    });
  };
  const starting: Promise<void> = begin().catch((error: unknown) => {
    // Not awaited: the end waits for this very promise.
    if (ending === undefined) void endWith(leaseEndOf(error));
  });

  return {
    leaseId,
    hasEnded: () => end !== null,
    observed: () => observedLease(leaseId, chain, chain.first() === undefined ? "preparing" : "joined", end),
    follow: (desired) => {
      lease = desired;
      chain.acknowledge(desired.statementsReceived);
    },
    end: (reason, detail) => endWith({ reason, detail: detail ?? null }),
    tick: () => {
      const last = chain.last();
      if (ending !== undefined || last === undefined) return;
      const now = clock.now();
      if (now >= budgetEndMs()) void endWith({ reason: "budget-spent", detail: null });
      else if (now - last.atMs >= STATEMENT_INTERVAL_SECONDS * 1000) state(now);
      if (role === "head" && node !== undefined && !isLooking && now - lookedMs >= LOOK_MS) void look(node);
    },
    forget: () => rm(folder, { recursive: true, force: true }),
  };
}
