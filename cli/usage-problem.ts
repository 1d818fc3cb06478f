import type { CommanderError } from "commander";
import type { ProblemReport } from "./problem-text.ts";

/*
 * Wrong usage as a report for programs. Commander hands on nothing but its sentence, and our readers of arguments put
 * what is allowed into it: "option '--country <codes>' argument 'ZZ' is invalid. Given ZZ; allowed are …".
 */

const part = (text: string, pattern: RegExp): string | undefined => pattern.exec(text)?.[1];

/** Wrong usage taken apart: which option or argument, what was given, what is allowed. Its code is `usage`. */
export function usageProblem({ code, message }: Pick<CommanderError, "code" | "message">): ProblemReport {
  const [sentence = "", hint = ""] = message.replace(/^error: /, "").split("\n");
  const detail = code === "commander.help" ? "a command is missing" : sentence;
  const named = part(sentence, /(?:option|for argument|required argument) '([^']+)'/);
  const field = named === undefined ? undefined : (part(named, /(--[\w-]+)/) ?? named);
  const given = part(
    sentence,
    /(?:argument|value|unknown option|unknown command) '([^']*)'(?! not| is missing)/,
  );
  const allowed = part(sentence, /; allowed(?: is| are|:) (.+?)\.?$/);
  const meant = part(hint, /Did you mean (?:one of )?(.+)\?/);
  return {
    code: "usage",
    detail,
    ...(field === undefined ? {} : { field }),
    ...(given === undefined ? {} : { given }),
    ...(allowed === undefined ? {} : { allowed }),
    next: "Add --help for what is allowed.",
    ...(meant === undefined ? {} : { closest: meant.split(", ") }),
  };
}
