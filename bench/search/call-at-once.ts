import { setImmediate as nextTurn } from "node:timers/promises";

/** How long calls took from asking to having the answer, the wait for others' calls included. */
export type Latency = { p50Ms: number; p99Ms: number; maxMs: number; perSecond: number };

/** So many callers, each asking again as soon as it has its answer, until so many calls are made. */
export async function callAtOnce(
  callers: number,
  calls: number,
  call: (i: number) => Promise<unknown>,
): Promise<Latency> {
  const took: number[] = [];
  let next = 0;
  const caller = async () => {
    while (next < calls) {
      const i = next++;
      const asked = performance.now();
      // A call arrives with the loop's next turn, as from a socket, and waits for those before it.
      await nextTurn();
      await call(i);
      took.push(performance.now() - asked);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: callers }, caller));
  const seconds = (performance.now() - began) / 1000;
  took.sort((a, b) => a - b);
  const at = (share: number) => Math.round((took[Math.floor((took.length - 1) * share)] ?? 0) * 100) / 100;
  return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1), perSecond: Math.round(calls / seconds) };
}
