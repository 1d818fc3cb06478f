import { randomFillSync } from "node:crypto";

const BYTES = 20;

/** Random bytes for ids, drawn from the system a few thousand ids at a time. */
export function randomIdBytes(): () => Uint8Array {
  const drawn = new Uint8Array(BYTES * 4096);
  let next = drawn.length;
  return () => {
    if (next === drawn.length) {
      randomFillSync(drawn);
      next = 0;
    }
    next += BYTES;
    return drawn.subarray(next - BYTES, next);
  };
}
