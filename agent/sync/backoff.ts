const FIRST_MS = 250;
const LONGEST_MS = 15_000;

/**
 * How long to wait after so many failures in a row (1 and up), in milliseconds: doubling up to 15 s, and anywhere between
 * half and all of that, so that a thousand agents do not come back in the same moment. `chance` is in [0, 1).
 */
export function backoffMs(failures: number, chance: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 16));
  return Math.round(full * (0.5 + chance / 2));
}

/** A number in [0, 1) out of random bytes. */
export function chanceOf(bytes: Uint8Array): number {
  const [high = 0, low = 0] = bytes;
  return (high * 256 + low) / 65_536;
}
