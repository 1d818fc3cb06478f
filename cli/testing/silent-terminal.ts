import type { Terminal } from "../terminal.ts";

/** A terminal that shows nothing, with nobody at it. */
export const silentTerminal: Terminal = {
  out: () => {},
  note: () => {},
  draw: () => {},
  pour: async () => {},
  env: {},
  clock: { now: () => 0 },
  interactive: false,
  signal: new AbortController().signal,
  confirm: async () => false,
};
