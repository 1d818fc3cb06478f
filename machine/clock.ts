/** Where time comes from: Unix milliseconds. */
export type Clock = { now(): number };

/** The machine's own clock. Only what composes a process reads it; the rest is given one. */
export const systemClock: Clock = { now: () => Date.now() };
