import { setImmediate as nextTurn } from "node:timers/promises";
import { singleFlight } from "../../../platform/single-flight.ts";
import type { HeldGpus } from "./held-gpus.ts";
import type { Hold, WrittenHold } from "./held-rows.ts";

/**
 * What one caller wants written: GPUs to hold and holds whose GPUs become free. `order` is what is to be written
 * with the holds, in the same transaction; whoever writes it may refuse it, and then nothing is held.
 */
export type Change<Order> = {
  holds: readonly WrittenHold[];
  freed: readonly Hold[];
  order: Order | null;
};

/** How groups are written. */
export type Written<Order> = {
  /**
   * Writes a group, all or nothing. Answers which changes were refused and why, in their order (null: none was). What it
   * wrote may be lost in a crash until the next flush, never without all that was committed after it.
   */
  commit(group: readonly Change<Order>[]): Promise<readonly (Error | null)[] | null>;
  /** Makes durable all that was committed before it was called. */
  flush(): Promise<void>;
};

type WaitingOrder<Order> = Change<Order> & { done(): void; failed(why: unknown): void };

/** Thrown to all who wait when the writer can't go on: what it had on its way may be written or not. */
export class WriterEnded extends Error {
  override readonly name = "WriterEnded";
}

/** Changes in one group at most: an answer is not to wait long for others'. */
const LARGEST_GROUP = 2000;

/**
 * Callers who are answered in one turn of the event loop: they ask again or go on, and what the server says meanwhile is
 * to be heard, so that it is never without a group to write.
 */
const ANSWERED_AT_ONCE = 64;

/**
 * The one who decides which GPUs are held. Decisions are made in memory, one after the other, and written in groups, one
 * at a time. A group that is committed is flushed while the next one is written; a caller is answered after the flush, so
 * what was answered is durable.
 *
 * GPUs are held in memory from the decision on, and free in memory only after the commit: no group builds on one that may
 * still fail. It may build on one that is not flushed yet: the log is in order, so a crash that takes that one away takes
 * this one too, and neither's callers were answered. After a failure the writer ends for good: whether the group was
 * written is known to the rows alone, so the next writer begins with them, under another token.
 */
export class AllocationWriter<Order = never> {
  private waiting: WaitingOrder<Order>[] = [];
  private writing = false;
  private ended: WriterEnded | null = null;
  private readonly heldGpus: HeldGpus;
  private readonly commit: Written<Order>["commit"];
  private readonly flush: Written<Order>["flush"];

  constructor(heldGpus: HeldGpus, { commit, flush }: Written<Order>) {
    this.heldGpus = heldGpus;
    this.commit = commit;
    this.flush = singleFlight(flush);
  }

  /** Whether it can still be asked. */
  get alive(): boolean {
    return this.ended === null;
  }

  /**
   * Holds what `decide` chooses from what is held, all of it or nothing; null when it chooses nothing. Throws what the order
   * was refused with, and WriterEnded.
   */
  async hold(
    reservationId: string,
    decide: (heldGpus: HeldGpus) => Hold[] | null,
    order: Order | null = null,
  ): Promise<Hold[] | null> {
    if (this.ended !== null) throw this.ended;
    const chosen = decide(this.heldGpus);
    if (chosen === null) return null;
    for (const hold of chosen) this.heldGpus.hold(hold);
    const holds = chosen.map(({ leaseId, nodeNumber, gpus }) => ({
      leaseId,
      nodeNumber,
      gpus,
      reservationId,
    }));
    await this.write({ holds, freed: [], order });
    return chosen;
  }

  /** Frees what these leases hold. Throws WriterEnded. */
  async free(leaseIds: readonly string[]): Promise<void> {
    if (this.ended !== null) throw this.ended;
    const freed = leaseIds.flatMap((leaseId) => this.heldGpus.holdOf(leaseId) ?? []);
    await this.write({ holds: [], freed, order: null });
  }

  /** Ends it: who waits is told so. */
  end(why: string, cause?: unknown): void {
    this.ended ??= new WriterEnded(why, { cause });
    for (const member of this.waiting.splice(0)) member.failed(this.ended);
  }

  private write({ holds, freed, order }: Change<Order>): Promise<void> {
    return new Promise((done, failed) => {
      this.waiting.push({ holds, freed, order, done, failed });
      // Whoever asks in the same turn of the event loop goes into the same group.
      if (this.waiting.length === 1 && !this.writing) setImmediate(() => this.send());
    });
  }

  private send(): void {
    if (this.writing || this.waiting.length === 0) return;
    this.writing = true;
    void this.settle(this.waiting.splice(0, LARGEST_GROUP));
  }

  private async settle(group: readonly WaitingOrder<Order>[]): Promise<void> {
    try {
      const refusals = await this.commit(group);
      for (const [index, { holds, freed }] of group.entries()) {
        for (const { leaseId } of refusals?.[index] == null ? freed : holds) this.heldGpus.free(leaseId);
      }
      this.writing = false;
      this.send();
      await this.flush();
      await answer(group, refusals);
    } catch (error) {
      this.end("a group of decisions could not be written", error);
      for (const member of group) member.failed(this.ended);
    }
  }
}

/** Tells the members of a group what became of their changes. */
async function answer<Order>(
  group: readonly WaitingOrder<Order>[],
  refusals: readonly (Error | null)[] | null,
): Promise<void> {
  for (const [index, member] of group.entries()) {
    if (index % ANSWERED_AT_ONCE === ANSWERED_AT_ONCE - 1) await nextTurn();
    const refusal = refusals?.[index] ?? null;
    if (refusal === null) member.done();
    else member.failed(refusal);
  }
}
