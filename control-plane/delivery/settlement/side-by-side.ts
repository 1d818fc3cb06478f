/**
 * Runs all of the work, so many at once, each to its end whatever becomes of the others. Throws the first error when all
 * have ended.
 */
export async function sideBySide(atOnce: number, work: readonly (() => Promise<void>)[]): Promise<void> {
  const waiting = work.values();
  const errors: unknown[] = [];
  const lane = async () => {
    for (const one of waiting) await one().catch((error: unknown) => void errors.push(error));
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, work.length) }, lane));
  if (errors.length > 0) throw errors[0];
}

/** What runs in it runs one after the other. */
export type Lane = <Result>(work: () => Promise<Result>) => Promise<Result>;

export function createLane(): Lane {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const run = last.then(work);
    last = run.catch(() => undefined);
    return run;
  };
}
