import { expect, test, vi } from "vitest";
import { createLog } from "./http/log.ts";
import { startReconcilers } from "./reconcilers.ts";
import { createSignals } from "./signals.ts";

function start(run: () => Promise<void>) {
  const signals = createSignals();
  const runs: { failed: boolean }[] = [];
  const { stop } = startReconcilers(
    {
      log: createLog("silent", process.stderr),
      signals,
      meter: { ran: (_name, _seconds, failed) => runs.push({ failed }) },
      monotonicMs: () => 0,
    },
    { nodes: run },
  );
  return { signals, runs, stop };
}

test("a reconciler runs at the start, every second, and at once when it is woken, never twice at a time", async () => {
  vi.useFakeTimers();
  let running = 0;
  let most = 0;
  const { signals, runs, stop } = start(async () => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    running -= 1;
  });
  await vi.advanceTimersByTimeAsync(0);
  expect(runs).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1000);
  expect(runs).toHaveLength(2);
  signals.wake("nodes");
  signals.wake("nodes");
  signals.wake("clusters");
  await vi.advanceTimersByTimeAsync(0);
  expect(runs).toHaveLength(3);
  await stop();
  await vi.advanceTimersByTimeAsync(5000);
  expect([runs.length, most]).toEqual([3, 1]);
  vi.useRealTimers();
});

test("a wake during a run makes it run again at once", async () => {
  vi.useFakeTimers();
  let wake = () => {};
  const { signals, runs, stop } = start(async () => {
    await Promise.resolve();
    if (runs.length === 0) wake();
  });
  wake = () => signals.wake("nodes");
  await vi.advanceTimersByTimeAsync(0);
  expect(runs).toHaveLength(2);
  await stop();
  vi.useRealTimers();
});

test("an error ends nothing: it is counted and the next run comes", async () => {
  let failing = true;
  const { signals, runs, stop } = start(async () => {
    if (failing) throw new Error("no database");
  });
  await expect.poll(() => runs).toEqual([{ failed: true }]);
  failing = false;
  signals.wake("nodes");
  await expect.poll(() => runs).toEqual([{ failed: true }, { failed: false }]);
  await stop();
});

test("stopping waits for the run that is under way", async () => {
  let finish = () => {};
  let finished = false;
  const { stop } = start(async () => {
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    finished = true;
  });
  await expect.poll(() => finish.length).toBe(1);
  const stopped = stop();
  finish();
  await stopped;
  expect(finished).toBe(true);
});
