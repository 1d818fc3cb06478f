import { errorText } from "@ionet/machine";
import { type Position, Problem, problemCodes } from "@ionet/protocol";
import { z } from "zod";
import { toJson } from "./terminal.ts";

/** What every problem can say, wherever it comes from: this network's refusals, the chain, this machine. */
export type ProblemReport = {
  code: string;
  /** What all problems with this code have in common. */
  title?: string;
  detail: string;
  field?: string;
  given?: string;
  allowed?: string;
  next?: string;
  /** Where in the text that was given. */
  position?: Position;
  /** What may have been meant, best first. */
  closest?: readonly string[];
};

// Problems of this machine (agent) and of the chain are classes of other rooms; what they have in common is their shape.
const shaped = z.object({ code: z.string(), message: z.string() });
const context = z.object({
  field: z.string().optional(),
  given: z.string().optional(),
  allowed: z.string().optional(),
  next: z.string().optional(),
});

/** Any thrown thing as a report: stable code, what happened, what was given and allowed, what to do next. */
export function reportProblem(error: unknown): ProblemReport {
  if (error instanceof Problem) {
    return { code: error.code, title: problemCodes[error.code].title, ...error.input };
  }
  const known = shaped.safeParse(error);
  const message = errorText(error);
  if (!known.success) return { code: "internal", detail: message };
  const more = z.object({ context }).safeParse(error);
  const found = more.success ? more.data.context : (context.safeParse(error).data ?? {});
  const { field, given, allowed, next } = found;
  // The agent's messages carry the whole context, which has lines of its own here.
  const [detail = message] = next === undefined ? [message] : message.split(/; (?:needed|allowed): /);
  return {
    code: known.data.code,
    detail,
    ...(field === undefined ? {} : { field }),
    ...(given === undefined ? {} : { given }),
    ...(allowed === undefined ? {} : { allowed }),
    ...(next === undefined ? {} : { next }),
  };
}

/**
 * The report as people read it on stderr. Servers and files that others wrote chose some of its words: characters that
 * steer a terminal or turn the reading direction are left out.
 */
export function problemText(report: ProblemReport): string {
  const title = report.title === undefined ? "" : `${report.title}: `;
  const lines = [`ionet: ${title}${report.detail} [${report.code}]`];
  if (report.given !== undefined)
    lines.push(`  given:   ${report.field ? `${report.field} = ` : ""}${report.given}`);
  if (report.allowed !== undefined) lines.push(`  allowed: ${report.allowed}`);
  if (report.next !== undefined) lines.push(`  next:    ${report.next}`);
  return lines.join("\n").replace(/[\p{Cf}\u2028\u2029]|(?!\n)\p{Cc}/gu, "");
}

/** The report as programs read it on stderr with --json: one line, one object. What steers a terminal is escaped. */
export const problemJson = (report: ProblemReport): string =>
  toJson(report, 0).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );

/** A refusal of the CLI itself, before anything is asked of the network. */
export class CommandProblem extends Error {
  override readonly name = "CommandProblem";
  readonly code: string;
  readonly context: { field: string; given: string; allowed: string; next: string };

  constructor(code: string, what: string, about: CommandProblem["context"]) {
    super(what);
    this.code = code;
    this.context = about;
  }
}
