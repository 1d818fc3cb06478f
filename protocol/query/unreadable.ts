import { type Problem, problem } from "../problems.ts";

/** Why a query can't be read: where in its text, which word, what would be right there. */
export type Unreadable = {
  text: string;
  at: number;
  end: number;
  why: string;
  allowed: string;
  /** The valid words nearest to what was typed, best first. */
  closest: readonly string[];
};

/** Thrown inside the parser; what leaves it is a result or a Problem. */
export class UnreadableQuery extends Error {
  override readonly name = "UnreadableQuery";
  readonly reason: Unreadable;
  constructor(reason: Unreadable) {
    super(reason.why);
    this.reason = reason;
  }
}

/** The refusal, as HTTP, SDK and CLI give it. Positions count from 1, as people do. */
export function unreadableProblem({ text, at, end, why, allowed, closest }: Unreadable): Problem {
  const given = text.slice(at, end);
  const where = at >= text.length ? "at the end" : `at character ${at + 1}`;
  return problem("query-unreadable", {
    detail: `${where}: ${why}`,
    field: "q",
    given: given === "" ? "nothing" : given,
    allowed,
    next:
      closest.length > 0
        ? `Did you mean ${closest.join(", ")}? \`ionet search --help\` lists all words.`
        : "`ionet search --help` lists all words, with examples.",
  });
}

const WIDTH = 100;

/** The query with a mark under the word that can't be read: two lines for a terminal. */
export function caretLines({ text, at, end }: Pick<Unreadable, "text" | "at" | "end">): string {
  const from = Math.max(0, Math.min(at - WIDTH / 2, text.length - WIDTH));
  const shown = text.slice(from, from + WIDTH).replace(/\s/g, " ");
  const length = Math.max(1, Math.min(end, from + WIDTH) - at);
  return `${shown}\n${" ".repeat(at - from)}${"^".repeat(length)}`;
}
