import { type Problem, problem } from "./problems.ts";

const LONGEST = 200;
const PLAIN = new RegExp(`^[A-Za-z0-9_][A-Za-z0-9_.:@+=,~-]{0,${LONGEST - 1}}$`);
/** Ray's own numbers of its drivers: asked for such a job, it answers for the driver. */
const DRIVER = /^[0-9a-f]{4}0000$/;

/** What may name a job of one's own. */
export const SUBMISSION_ID_ALLOWED = `1 to ${LONGEST} letters, digits and . _ - : @ + = , ~, the first a letter, a digit or _; not like 01000000, which are Ray's own`;

/**
 * Why a job could not be followed or stopped by this name, as Ray runs jobs under any; null where it can. The name stands
 * in URLs and in the name of the file that holds the job's output.
 */
export function unusableSubmissionId(id: unknown): Problem | null {
  if (typeof id === "string" && PLAIN.test(id) && !DRIVER.test(id)) return null;
  const given = typeof id === "string" ? id : (JSON.stringify(id) ?? String(id));
  return problem("invalid-request", {
    detail: "a job of that name could not be followed or stopped",
    field: "submission_id",
    given:
      given === ""
        ? "an empty name"
        : given.length > 80
          ? `${given.slice(0, 80)}… (${given.length} characters)`
          : given,
    allowed: SUBMISSION_ID_ALLOWED,
    next: "Choose another name, or give none: then one is made.",
  });
}
