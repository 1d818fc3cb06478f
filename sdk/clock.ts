/** Where time comes from. Unix milliseconds. */
export type Clock = { now(): number };

/** The machine's clock: what engineers' programs use; tests give their own. */
export const systemClock: Clock = { now: () => Date.now() };
