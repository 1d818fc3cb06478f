/** Makes durable all that was committed before it was called. */
export type Flush = () => Promise<void>;

/**
 * One flush at a time: who asks while one is on its way, which may not reach as far as what they wrote, shares the one that
 * begins when it ends.
 */
export function inTurn(flush: Flush): Flush {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const begin = (): Promise<void> => {
    next = null;
    const begun = flush().finally(() => {
      if (running === begun) running = null;
    });
    running = begun;
    return begun;
  };
  return () => {
    if (running === null) return begin();
    next ??= running.then(begin, begin);
    return next;
  };
}
