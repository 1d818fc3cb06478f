/**
 * Before each test file: `FUZZ_SEED=N` makes every property of fast-check begin with that seed, the one that a failure
 * prints, so that the same cases come again. Add `FUZZ_PATH` from the same message to go straight to the failing one.
 */
import fc from "fast-check";

const { FUZZ_SEED, FUZZ_PATH } = process.env;
if (FUZZ_SEED !== undefined) {
  const seed = Number(FUZZ_SEED);
  if (!Number.isInteger(seed))
    throw new Error(`FUZZ_SEED is ${FUZZ_SEED}; it takes a whole number, as fast-check prints it`);
  fc.configureGlobal({
    ...fc.readConfigureGlobal(),
    seed,
    ...(FUZZ_PATH === undefined ? {} : { path: FUZZ_PATH }),
  });
}
