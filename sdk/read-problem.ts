import { Problem, type ProblemCode, type ProblemInput, problemCodes, problemSchema } from "@ionet/protocol";

/** The Problem in an answer of the control plane or its gateway; anything else that is no success is `unavailable`. */
export function readProblem(status: number, text: string, path: string): Problem {
  const details = problemSchema.safeParse(parseJson(text));
  if (!details.success) {
    return new Problem(status === 401 ? "unauthenticated" : "unavailable", {
      detail: `${path} answered ${status}: ${text.slice(0, 300)}`,
      next: "check that the address is that of a control plane, then try again",
    });
  }
  const { code, detail, next, field, given, allowed, position, closest } = details.data;
  const input: ProblemInput = {
    detail,
    next,
    ...(field === undefined ? {} : { field }),
    ...(given === undefined ? {} : { given }),
    ...(allowed === undefined ? {} : { allowed }),
    ...(position === undefined ? {} : { position }),
    ...(closest === undefined ? {} : { closest }),
  };
  if (isKnown(code)) return new Problem(code, input);
  return new Problem("unavailable", { ...input, detail: `${code}: ${detail}` });
}

/** Whether an answer's text is a problem of the control plane or its gateway, in its own words. */
export const isProblemText = (text: string): boolean => problemSchema.safeParse(parseJson(text)).success;

const isKnown = (code: string): code is ProblemCode => code in problemCodes;

/** What a text says as JSON; undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
