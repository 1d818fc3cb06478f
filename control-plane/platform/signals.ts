import type { ReconcilerName } from "./context.ts";

/**
 * What one part of this process tells another so that nobody waits for a timer. Losing a signal loses time, never work:
 * the rows say the same.
 */
export type Signals = {
  wake(name: ReconcilerName): void;
  nodeChanged(nodeId: string): void;
  /** Calls back at each `wake`; returns how to stop that. */
  onWake(listener: (name: ReconcilerName) => void): () => void;
  /** Calls back at each `nodeChanged`; returns how to stop that. */
  onNodeChanged(listener: (nodeId: string) => void): () => void;
};

function topic<Word>() {
  const listeners = new Set<(word: Word) => void>();
  return {
    say(word: Word): void {
      for (const listener of listeners) listener(word);
    },
    listen(listener: (word: Word) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Makes the signals of one control plane; `wake` and `nodeChanged` go into its Context. */
export function createSignals(): Signals {
  const wakes = topic<ReconcilerName>();
  const nodes = topic<string>();
  return { wake: wakes.say, nodeChanged: nodes.say, onWake: wakes.listen, onNodeChanged: nodes.listen };
}
