import type { Clock } from "@ionet/machine";

/** A clock that runs with another one and can be moved ahead of it. */
export type MovableClock = Clock & { advance(seconds: number): void };

/**
 * A clock that moves by itself with `base` and jumps ahead on request, for tests of hours and days.
 *
 * @param base - the clock underneath, e.g. the machine's
 * @throws RangeError from `advance` when asked to go back: a chain's time never shrinks
 */
export function createMovableClock(base: Clock): MovableClock {
  let aheadMs = 0;
  return {
    now: () => base.now() + aheadMs,
    advance(seconds) {
      if (!(seconds >= 0)) throw new RangeError(`seconds: given ${seconds}; allowed: 0 or more`);
      aheadMs += seconds * 1000;
    },
  };
}
