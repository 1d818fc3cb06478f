import { type Problem, problem } from "@ionet/protocol";
import { isProblemText, readProblem } from "../read-problem.ts";

const SHOWN = 400;

/**
 * What went wrong, in one sentence, out of what Ray says: a sentence, or one traceback within another, of which the last
 * error is the cause.
 */
export function causeOf(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  const isTraceback = lines.some((line) => line.includes("Traceback (most recent call last)"));
  const errors = lines.flatMap(
    (line) => /^(?:[\w.]+\.)?\w*(?:Error|Exception|Timeout|Exit)\w*: (.+)$/.exec(line)?.[1] ?? [],
  );
  const told = isTraceback ? errors.at(-1) : undefined;
  const sentence = told ?? lines.find((line) => line !== "") ?? "nothing was said";
  return sentence.length > SHOWN ? `${sentence.slice(0, SHOWN)}…` : sentence;
}

/**
 * The Problem in an answer that is no success: the gateway's own, or Ray's, told by its cause. `field` and `given` are what
 * was asked for.
 */
export function rayProblem(
  status: number,
  text: string,
  asked: { call: string; field?: string; given?: string },
): Problem {
  const { call, ...about } = asked;
  if (isProblemText(text)) return readProblem(status, text, call);
  const cause = causeOf(text);
  // Ray answers 500 also for what its caller gave, where one of its parts asked another.
  const isCallers = (status >= 400 && status < 500) || /status code 4\d\d/.test(text);
  return problem(isCallers ? "invalid-request" : "ray-failed", {
    detail: `Ray says: ${cause}`,
    ...about,
    next: isCallers
      ? "Change what Ray names, then send it again."
      : "Try again; if it stays, look at the cluster with `ionet clusters show`.",
  });
}
