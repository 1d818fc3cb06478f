import type { Log, ReconcilerName } from "./context.ts";
import type { Signals } from "./signals.ts";

/** A reconciler with its context bound: no input, may be killed anywhere and run again. */
export type Reconcilers = Partial<Record<ReconcilerName, () => Promise<void>>>;

/** What is measured of each run. */
export type ReconcilerMeter = { ran(name: ReconcilerName, seconds: number, failed: boolean): void };

const TICK_MS = 1000;

/**
 * Runs each reconciler when it is woken and every second, never twice at once. An error is logged and the next tick
 * tries again. Reconcilers do not wait for each other.
 * @returns `stop`, which resolves when no run is under way any more
 */
export function startReconcilers(
  parts: { log: Log; signals: Signals; meter: ReconcilerMeter; monotonicMs: () => number },
  reconcilers: Reconcilers,
): { stop(): Promise<void> } {
  const loops = new Map<ReconcilerName, Loop>();
  for (const name of Object.keys(reconcilers) as ReconcilerName[]) {
    const run = reconcilers[name];
    if (run !== undefined) loops.set(name, startLoop(measured(name, run, parts)));
  }
  const unsubscribe = parts.signals.onWake((name) => loops.get(name)?.wake());
  return {
    async stop() {
      unsubscribe();
      await Promise.all([...loops.values()].map((loop) => loop.stop()));
    },
  };
}

function measured(
  name: ReconcilerName,
  run: () => Promise<void>,
  { log, meter, monotonicMs }: { log: Log; meter: ReconcilerMeter; monotonicMs: () => number },
): () => Promise<void> {
  return async () => {
    const start = monotonicMs();
    let failed = false;
    try {
      await run();
    } catch (error) {
      failed = true;
      log.error({ reconciler: name, err: error }, "a reconciler failed; it runs again at its next tick");
    }
    meter.ran(name, (monotonicMs() - start) / 1000, failed);
  };
}

type Loop = { wake(): void; stop(): Promise<void> };

function startLoop(run: () => Promise<void>): Loop {
  let stopped = false;
  let woken = false;
  let endPause = () => {};
  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, TICK_MS);
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const ended = (async () => {
    while (!stopped) {
      woken = false;
      await run();
      // A wake during the run may have come after the run had read its rows: run again at once.
      if (!woken && !stopped) await pause();
    }
  })();
  return {
    wake() {
      woken = true;
      endPause();
    },
    stop() {
      stopped = true;
      endPause();
      return ended;
    },
  };
}
