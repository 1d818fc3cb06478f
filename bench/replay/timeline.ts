/** What is to happen, earliest first; of equal times in the order it was put in. A binary heap. */
export class Timeline<What> {
  private readonly heap: { at: number; order: number; what: What }[] = [];
  private puts = 0;

  put(at: number, what: What): void {
    this.heap.push({ at, order: this.puts++, what });
    for (let child = this.heap.length - 1; child > 0; ) {
      const parent = (child - 1) >>> 1;
      if (!this.swapIfEarlier(child, parent)) return;
      child = parent;
    }
  }

  /** When the next thing happens; infinity when nothing does. */
  nextAt(): number {
    return this.heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** Takes the next thing out. */
  take(): What | undefined {
    const [first] = this.heap;
    const last = this.heap.pop();
    if (first === undefined || last === undefined || this.heap.length === 0) return first?.what;
    this.heap[0] = last;
    for (let parent = 0; ; ) {
      const left = 2 * parent + 1;
      const child = this.isEarlier(left + 1, left) ? left + 1 : left;
      if (!this.swapIfEarlier(child, parent)) return first.what;
      parent = child;
    }
  }

  private isEarlier(one: number, other: number): boolean {
    const [a, b] = [this.heap[one], this.heap[other]];
    return a !== undefined && b !== undefined && (a.at < b.at || (a.at === b.at && a.order < b.order));
  }

  private swapIfEarlier(child: number, parent: number): boolean {
    const [a, b] = [this.heap[child], this.heap[parent]];
    if (a === undefined || b === undefined || !this.isEarlier(child, parent)) return false;
    this.heap[child] = b;
    this.heap[parent] = a;
    return true;
  }
}
