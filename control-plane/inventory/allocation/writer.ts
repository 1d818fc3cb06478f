import type { AllocationBook, Hold } from "./book.ts";

/** A hold as it is written: the reservation that it is part of stands beside it. */
export type WrittenHold = Hold & { reservationId: string };

/**
 * What one caller wants written: GPUs to hold and leases whose GPUs become free. `order` is what is to be written
 * with the holds, in the same transaction; whoever writes it may refuse it, and then nothing is held.
 */
export type Change<Order> = {
  holds: readonly WrittenHold[];
  freed: readonly string[];
  order: Order | null;
};

/**
 * Writes a group durably, all or nothing. Answers which changes were refused and why, in their order (null: none was),
 * and which leases were swept besides: marked as released by others, and free from now on.
 */
export type Commit<Order> = (
  group: readonly Change<Order>[],
) => Promise<{ refusals: readonly (Error | null)[] | null; swept: readonly string[] }>;

type Waiting<Order> = Change<Order> & { done(): void; failed(why: unknown): void };

/** Thrown to all who wait when the writer can't go on: what it had on its way may be written or not. */
export class WriterEnded extends Error {
  override readonly name = "WriterEnded";
}

/** Changes in one group at most: an answer is not to wait long for others'. */
const LARGEST_GROUP = 2000;

/**
 * The one who decides which GPUs are held. Decisions are made in memory, one after the other, and written in groups;
 * a caller is answered when its group is committed, so what was answered is durable.
 *
 * GPUs are held in memory from the decision on, and free in memory only after the commit: no group builds on one that
 * may still fail, so several may be on their way. After a failure the writer ends for good: whether the group was written
 * is known to the rows alone, so the next writer begins with them, under another token.
 */
export class AllocationWriter<Terms, Order = never> {
  private waiting: Waiting<Order>[] = [];
  private inFlight = 0;
  private ended: WriterEnded | null = null;
  private readonly book: AllocationBook<Terms>;
  private readonly commit: Commit<Order>;
  private readonly mostInFlight: number;

  /** @param mostInFlight groups on their way at once; over one connection that takes them one after the other */
  constructor(book: AllocationBook<Terms>, commit: Commit<Order>, mostInFlight: number) {
    this.book = book;
    this.commit = commit;
    this.mostInFlight = mostInFlight;
  }

  /** Whether it can still be asked. */
  get alive(): boolean {
    return this.ended === null;
  }

  /**
   * Holds what `decide` chooses from the book, all of it or nothing; null when it chooses nothing. Throws what the order
   * was refused with, and WriterEnded.
   */
  async hold(
    reservationId: string,
    decide: (book: AllocationBook<Terms>) => Hold[] | null,
    order: Order | null = null,
  ): Promise<Hold[] | null> {
    if (this.ended !== null) throw this.ended;
    const chosen = decide(this.book);
    if (chosen === null) return null;
    for (const hold of chosen) this.book.hold(hold);
    await this.write({ holds: chosen.map((hold) => ({ ...hold, reservationId })), freed: [], order });
    return chosen;
  }

  /** Frees what these leases hold, and what others have marked as released. Throws WriterEnded. */
  async free(leaseIds: readonly string[]): Promise<void> {
    if (this.ended !== null) throw this.ended;
    await this.write({ holds: [], freed: leaseIds, order: null });
  }

  /** Ends it: who waits is told so. */
  end(why: string, cause?: unknown): void {
    this.ended ??= new WriterEnded(why, { cause });
    for (const member of this.waiting.splice(0)) member.failed(this.ended);
  }

  private write(change: Change<Order>): Promise<void> {
    return new Promise((done, failed) => {
      this.waiting.push({ ...change, done, failed });
      // Whoever asks in the same turn of the event loop goes into the same group.
      if (this.waiting.length === 1 && this.inFlight < this.mostInFlight) setImmediate(() => this.send());
    });
  }

  private send(): void {
    if (this.inFlight >= this.mostInFlight || this.waiting.length === 0) return;
    const group = this.waiting.splice(0, LARGEST_GROUP);
    this.inFlight++;
    this.settle(group).finally(() => {
      this.inFlight--;
      setImmediate(() => this.send());
    });
  }

  private async settle(group: readonly Waiting<Order>[]): Promise<void> {
    try {
      const { refusals, swept } = await this.commit(group);
      for (const leaseId of swept) this.book.free(leaseId);
      for (const [index, member] of group.entries()) {
        const refusal = refusals?.[index] ?? null;
        const free = refusal === null ? member.freed : member.holds.map((hold) => hold.leaseId);
        for (const leaseId of free) this.book.free(leaseId);
        if (refusal === null) member.done();
        else member.failed(refusal);
      }
    } catch (error) {
      this.end("a group of decisions could not be written", error);
      for (const member of group) member.failed(this.ended);
    }
  }
}
