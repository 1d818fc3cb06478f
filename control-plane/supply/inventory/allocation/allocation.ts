import { problem } from "@ionet/protocol";
import type { Context, Db } from "../../../platform/context.ts";
import type { OwnConnection } from "../../../platform/database/open.ts";
import { releasedLeases, sweptLeases } from "../hold-gpus.ts";
import { commitRows, flushCommits } from "./commit.ts";
import type { HeldGpus } from "./held-gpus.ts";
import type { Hold } from "./held-rows.ts";
import { type Lead, takeLead } from "./lead.ts";
import { AllocationWriter, type Change, WriterEnded, type Written } from "./writer.ts";

/**
 * Writes what stands beside the holds of a group, in its transaction, and says which orders it refuses (null: it does
 * not). What is refused it has not written.
 */
export type Admit<Order> = (db: Db, orders: readonly Order[]) => Promise<readonly (Error | null)[]>;

/** Where GPUs are held and freed, one writer for the whole network. */
export type Allocation<Order> = {
  /**
   * Holds what `decide` chooses, with its order, all or nothing; null when it chooses nothing. Throws what the order was
   * refused with, and `unavailable` when another control plane is the writer, or the group could not be written.
   */
  hold(
    reservationId: string,
    decide: (heldGpus: HeldGpus) => Hold[] | null,
    order: Order,
  ): Promise<Hold[] | null>;
  /** What the writer knows to be held; null where this control plane is not the writer. */
  heldGpus(): HeldGpus | null;
  /**
   * Takes away the holds that are marked as released; all that was decided before is written then. Does nothing where
   * another control plane is the writer. Throws `unavailable` when it could not: the marks stay, to be swept again.
   */
  sweep(): Promise<void>;
  /** Gives the lead up. */
  stop(): Promise<void>;
};

type Writer<Order> = AllocationWriter<Order>;

/** The connection that writes, which has the lock, and the one that flushes meanwhile. */
type Connections = { session: OwnConnection; flusher: OwnConnection };

async function close({ session, flusher }: Connections): Promise<void> {
  await session.close();
  await flusher.close();
}

/**
 * Opens the allocation. The first who asks becomes the writer if nobody else is; a writer that had to end is replaced at
 * the next call, from the rows.
 */
export function openAllocation<Order>(
  parts: { openConnection(): OwnConnection; log: Context["log"] },
  admit: Admit<Order>,
): Allocation<Order> {
  let current: { writer: Writer<Order>; heldGpus: HeldGpus; connections: Connections } | null = null;
  let leading: Promise<Writer<Order> | null> | null = null;
  let stopped = false;

  async function lead(): Promise<Writer<Order> | null> {
    if (current !== null) await close(current.connections);
    current = null;
    const connections = { session: parts.openConnection(), flusher: parts.openConnection() };
    const { session, flusher } = connections;
    try {
      const taken = await takeLead(session.db);
      if (taken === null || stopped) {
        await close(connections);
        return null;
      }
      const flush = () => flushCommits(flusher.db);
      // It is open before the first group is committed: so it breaks if a crash takes a group away.
      await flush();
      const writer = new AllocationWriter(taken.heldGpus, {
        commit: committing(session.db, taken, admit),
        flush,
      });
      current = { writer, heldGpus: taken.heldGpus, connections };
      parts.log.info({ token: taken.token.toString() }, "this control plane allocates the GPUs");
      return writer;
    } catch (error) {
      await close(connections);
      throw new WriterEnded("no writer could begin", { cause: error });
    }
  }

  /** The writer; null when another control plane has it. Throws WriterEnded. */
  async function writer(): Promise<Writer<Order> | null> {
    if (current?.writer.alive === true) return current.writer;
    leading ??= lead().finally(() => {
      leading = null;
    });
    return leading;
  }

  const tellEnded = (err: unknown) =>
    parts.log.error({ err }, "the writer of allocations ended; the next one begins with the rows");

  return {
    async hold(reservationId, decide, order) {
      try {
        const chosen = await (await writer())?.hold(reservationId, decide, order);
        if (chosen !== undefined) return chosen;
      } catch (error) {
        if (!(error instanceof WriterEnded)) throw error;
        tellEnded(error);
      }
      throw unavailable();
    },
    heldGpus: () => (current?.writer.alive === true ? current.heldGpus : null),
    async sweep() {
      const now = await writer();
      if (now === null || current === null) return;
      const { db } = current.connections.flusher;
      try {
        const marked = await releasedLeases(db);
        // A writer that has been replaced learns it here, though it knows none of them: their marks are the next one's.
        await now.free(marked);
        await sweptLeases(db, marked);
      } catch (error) {
        // A connection that broke is not replaced, but by the next writer.
        now.end("what was released could not be swept away", error);
        tellEnded(error);
        throw unavailable();
      }
    },
    async stop() {
      stopped = true;
      await leading?.catch(() => null);
      current?.writer.end("the control plane stops");
      if (current !== null) await close(current.connections);
      current = null;
    },
  };
}

const unavailable = () =>
  problem("unavailable", {
    detail: "GPUs can't be held at the moment: another control plane does it, or the database did not answer",
    next: "Send the same request again in a few seconds.",
  });

/** One group is one transaction: what stands beside the holds, then the holds of those that were not refused. */
const committing =
  <Order>(db: Db, { token, rows }: Lead, admit: Admit<Order>): Written<Order>["commit"] =>
  async (group) => {
    const ordered = group.filter((change) => change.order !== null);
    const write = async (tx: Db) => {
      const orders = ordered.flatMap(({ order }) => (order === null ? [] : [order]));
      const answers = orders.length === 0 ? [] : await admit(tx, orders);
      const refused = new Map<Change<Order>, Error>();
      for (const [index, change] of ordered.entries()) {
        const answer = answers[index];
        if (answer != null) refused.set(change, answer);
      }
      await commitRows(tx, token, rows.change(group.filter((change) => !refused.has(change))));
      return group.map((change) => refused.get(change) ?? null);
    };
    return ordered.length === 0 ? write(db) : db.transaction().execute(write);
  };
