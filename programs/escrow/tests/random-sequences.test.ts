import fc from "fast-check";
import { describe, it } from "vitest";
import { committedElf } from "../../testing/svm.ts";
import { newArena } from "./fuzz/arena.ts";
import { play } from "./fuzz/play.ts";
import { sequence } from "./fuzz/sequence.ts";

/** `npm run fuzz -- 100000` searches longer; a failure names its seed. */
const SEQUENCES = Number(process.env.IONET_SEQUENCES ?? 2_000);

describe("random sequences of everything that can happen to an escrow, in tokens and in SOL", () => {
  it(`agree with the reference model after every step, ${SEQUENCES} times`, async () => {
    const arena = await newArena(committedElf("escrow"));
    await fc.assert(
      fc.asyncProperty(sequence, (given) => play(arena, given)),
      { numRuns: SEQUENCES },
    );
  }, 600_000);
});
