/**
 * Runs one at a time, for however many who ask: who asks while one is on its way, which may not see what they did before,
 * shares the next, which begins when that one ends.
 */
export function singleFlight(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const begin = (): Promise<void> => {
    next = null;
    const begun = run().finally(() => {
      if (running === begun) running = null;
    });
    running = begun;
    return begun;
  };
  return () => {
    // One that is about to begin, as the last one has just ended, is the next for whoever asks now.
    if (next !== null) return next;
    if (running === null) return begin();
    next = running.then(begin, begin);
    return next;
  };
}
