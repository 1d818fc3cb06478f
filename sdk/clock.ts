/** Where time comes from. Unix milliseconds. */
export type SdkClock = { now(): number };

/** The machine's clock: what engineers' programs use; tests give their own. */
export const systemClock: SdkClock = { now: () => Date.now() };
