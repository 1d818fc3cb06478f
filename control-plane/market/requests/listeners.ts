import type { RequestId } from "@ionet/protocol";

/** Who waits for something to happen to a request, in this process. What other processes do is seen by looking again. */
export type Listeners = {
  changed(id: RequestId): void;
  /**
   * Arms before the rows are read, so that nothing between reading and waiting is missed. `wait` ends at the next change,
   * after `ms`, or when the signal aborts.
   */
  arm(id: RequestId, signal: AbortSignal): { wait(ms: number): Promise<void>; disarm(): void };
};

export function createListeners(): Listeners {
  const armed = new Map<RequestId, Set<() => void>>();
  return {
    changed(id) {
      for (const hear of [...(armed.get(id) ?? [])]) hear();
    },
    arm(id, signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const mine = armed.get(id) ?? new Set();
      armed.set(id, mine.add(resolve));
      signal.addEventListener("abort", () => resolve(), { once: true });
      if (signal.aborted) resolve();
      let timer: ReturnType<typeof setTimeout> | undefined;
      return {
        wait(ms) {
          timer = setTimeout(resolve, ms);
          return promise;
        },
        disarm() {
          clearTimeout(timer);
          mine.delete(resolve);
          if (mine.size === 0 && armed.get(id) === mine) armed.delete(id);
        },
      };
    },
  };
}
