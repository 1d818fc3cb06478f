import { fromColumn, type GpuSet, NO_GPUS, toColumn } from "./gpu-set.ts";

/** The GPUs that one lease holds. */
export type Hold = { leaseId: string; nodeNumber: number; gpus: GpuSet };

/** A hold as it is written: the reservation that it is part of stands beside it. */
export type WrittenHold = Hold & { reservationId: string };

/** A node's row as it is to be: what was held, what is held from now on, and by whom. */
export type ChangedRow = { nodeNumber: number; before: GpuSet; after: GpuSet; holds: string };

/** What the row of a node has. `before`: what it had before the group that is being applied; null for all others. */
type HeldNode = { held: GpuSet; holds: string; before: GpuSet | null };

const textOf = ({ leaseId, reservationId, gpus }: WrittenHold) =>
  `${leaseId}:${reservationId}:${toColumn(gpus)}`;

/** The holds of all nodes as their rows have them: what is decided and not written yet is not here. */
export class HeldRows {
  /** By a node's number; they have no large gaps. */
  readonly #nodes: (HeldNode | undefined)[] = [];

  /** Takes over what a row has; answers its holds. Throws when they are not what the row says is held. */
  read(nodeNumber: number, held: GpuSet, holds: string): WrittenHold[] {
    const read = holds.split(" ").map((text): WrittenHold => {
      const [leaseId = "", reservationId = "", gpus = ""] = text.split(":");
      return { leaseId, reservationId, nodeNumber, gpus: fromColumn(gpus) };
    });
    const union = read.reduce((set, { gpus }) => set | gpus, NO_GPUS);
    const total = read.reduce((sum, { gpus }) => sum + gpus, NO_GPUS);
    // Sets that share nothing add up to their union.
    if (union !== held || total !== held)
      throw new Error(`the row of node ${nodeNumber} contradicts itself: ${holds}`);
    this.#nodes[nodeNumber] = { held, holds, before: null };
    return read;
  }

  /**
   * Frees and then holds, change by change; answers the rows to write, each once. Throws when a GPU would be held twice;
   * what was applied until then is not taken back.
   */
  change(changes: Iterable<{ freed: readonly Hold[]; holds: readonly WrittenHold[] }>): ChangedRow[] {
    const nodeNumbers: number[] = [];
    const touch = (nodeNumber: number): HeldNode => {
      const node = this.#nodes[nodeNumber] ?? { held: NO_GPUS, holds: "", before: null };
      this.#nodes[nodeNumber] = node;
      if (node.before === null) {
        node.before = node.held;
        nodeNumbers.push(nodeNumber);
      }
      return node;
    };
    for (const { freed, holds } of changes) {
      for (const hold of freed) {
        const node = touch(hold.nodeNumber);
        const rest = without(node.holds, hold.leaseId);
        // Freed already, by an earlier change.
        if (rest === null) continue;
        node.holds = rest;
        node.held &= ~hold.gpus;
      }
      for (const hold of holds) {
        const node = touch(hold.nodeNumber);
        if ((node.held & hold.gpus) !== NO_GPUS)
          throw new Error(`a GPU of node ${hold.nodeNumber} was about to be held twice, by ${hold.leaseId}`);
        node.holds = node.holds === "" ? textOf(hold) : `${node.holds} ${textOf(hold)}`;
        node.held |= hold.gpus;
      }
    }
    return nodeNumbers.map((nodeNumber) => {
      const node = touch(nodeNumber);
      const row = { nodeNumber, before: node.before ?? NO_GPUS, after: node.held, holds: node.holds };
      node.before = null;
      return row;
    });
  }
}

/** The holds but for a lease's; null when it has none of them. Ids have no spaces and no colons. */
function without(holds: string, leaseId: string): string | null {
  for (let start = holds.indexOf(leaseId); start !== -1; start = holds.indexOf(leaseId, start + 1)) {
    const isWhole = (start === 0 || holds[start - 1] === " ") && holds[start + leaseId.length] === ":";
    if (!isWhole) continue;
    const end = holds.indexOf(" ", start);
    if (end === -1) return holds.slice(0, Math.max(0, start - 1));
    return holds.slice(0, start) + holds.slice(end + 1);
  }
  return null;
}
