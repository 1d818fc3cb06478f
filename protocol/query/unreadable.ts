import { closestWords } from "../closest.ts";
import { gpuWords } from "../gpu-models.ts";
import { type Problem, problem } from "../problems.ts";
import { unknownGpuModel } from "../unknown-gpu-model.ts";

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

const placeOf = ({ text, at }: Pick<Unreadable, "text" | "at">) =>
  at >= text.length ? "at the end" : `at character ${at + 1}`;

/** The refusal, as HTTP, SDK and CLI give it. Its words count characters from 1, as people do; its position from 0. */
export function unreadableProblem({ text, at, end, why, allowed, closest }: Unreadable): Problem {
  const given = text.slice(at, end);
  return problem("query-unreadable", {
    detail: `${placeOf({ text, at })}: ${why}`,
    field: "q",
    given: given === "" ? "nothing" : given,
    allowed,
    next:
      closest.length > 0
        ? `Did you mean ${closest.join(", ")}? \`ionet search --help\` lists all words.`
        : "`ionet search --help` lists all words, with examples.",
    position: { offset: at, length: end - at },
    closest,
  });
}

/** The refusal `gpu-model-unknown` for a model that a query names and nobody knows, with its place. */
export function unknownModelProblem({ text, at, end }: Pick<Unreadable, "text" | "at" | "end">): Problem {
  const given = text.slice(at, end).replaceAll('"', "");
  const { input } = unknownGpuModel(given);
  const closest = closestWords(given, gpuWords);
  return problem("gpu-model-unknown", {
    ...input,
    detail: `${placeOf({ text, at })}: ${input.detail}`,
    field: "q",
    allowed: `a GPU model, or a chip: for example ${closest.join(", ")}`,
    next: `Did you mean ${closest[0]}? \`ionet search\` shows what can be hired.`,
    position: { offset: at, length: end - at },
    closest,
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
