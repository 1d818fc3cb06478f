import type { Clock } from "@ionet/machine";

/** Where a command reads from and writes to. Given by main.ts; tests give their own. */
export type Terminal = {
  /** Results: tables, or one JSON document with --json. */
  out(text: string): void;
  /** A part of a result as it is, without a line's end; settles when there is room for more. */
  pour(text: string): Promise<void>;
  /** Progress and problems, for people. */
  note(text: string): void;
  /** Progress as it stands, without a line's end: for a line that moves. */
  draw(text: string): void;
  env: Readonly<Record<string, string | undefined>>;
  clock: Clock;
  /** True when a person looks at the progress live. */
  interactive: boolean;
  /** Aborted when the person presses Ctrl-C. */
  signal: AbortSignal;
  /** Asks a yes-or-no question; false when nobody can answer. */
  confirm(question: string): Promise<boolean>;
};

/** JSON with amounts as strings of digits, as on the wire. */
export const toJson = (value: unknown, indent = 2): string =>
  JSON.stringify(value, (_, part) => (typeof part === "bigint" ? part.toString() : part), indent);
