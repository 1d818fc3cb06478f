/** What ends the waiting of a held answer. */
export type Holds = {
  /** Something may have changed for this node. */
  wake(nodeId: string): void;
  /** A new call of a node: an older one that is held is let go. The signal aborts when a newer one comes. */
  take(nodeId: string): { signal: AbortSignal; release(): void };
  /**
   * Arms before the rows are read, so that no change between reading and waiting is missed: `wait` settles at once when
   * one came meanwhile, else at the next wake, after `ms`, or when the signal aborts.
   */
  arm(nodeId: string, signal: AbortSignal): { wait(ms: number): Promise<void>; disarm(): void };
};

export function createHolds(): Holds {
  const listeners = new Map<string, Set<() => void>>();
  const newest = new Map<string, AbortController>();
  return {
    wake: (nodeId) => {
      for (const listener of [...(listeners.get(nodeId) ?? [])]) listener();
    },
    take: (nodeId) => {
      newest.get(nodeId)?.abort();
      const mine = new AbortController();
      newest.set(nodeId, mine);
      const release = () => {
        if (newest.get(nodeId) === mine) newest.delete(nodeId);
      };
      return { signal: mine.signal, release };
    },
    arm: (nodeId, signal) => {
      let isWoken = signal.aborted;
      let settle = () => {};
      const wake = () => {
        isWoken = true;
        settle();
      };
      const mine = listeners.get(nodeId) ?? new Set();
      listeners.set(nodeId, mine.add(wake));
      signal.addEventListener("abort", wake, { once: true });
      const disarm = () => {
        signal.removeEventListener("abort", wake);
        mine.delete(wake);
        if (mine.size === 0 && listeners.get(nodeId) === mine) listeners.delete(nodeId);
      };
      const wait = (ms: number) =>
        new Promise<void>((resolve) => {
          if (isWoken) resolve();
          const timer = setTimeout(resolve, ms);
          settle = () => {
            clearTimeout(timer);
            resolve();
          };
          if (isWoken) settle();
        });
      return { wait, disarm };
    },
  };
}
