import { expect, test } from "vitest";
import { causeOf, rayProblem } from "./ray-problem.ts";

const within = `Traceback (most recent call last):
  File "job_head.py", line 419, in submit_job
    resp = await job_agent_client.submit_job_internal(submit_request)
RuntimeError: Request failed with status code 400: Traceback (most recent call last):
  File "job_agent.py", line 45, in submit_job
    raise ValueError(
ValueError: Job with submission_id one already exists. Please use a different submission_id.
.
`;

test.each([
  [within, "Job with submission_id one already exists. Please use a different submission_id."],
  [
    "No available agent to submit job, please try again later.",
    "No available agent to submit job, please try again later.",
  ],
  ["500 Internal Server Error\n\nServer got itself in trouble", "500 Internal Server Error"],
  [
    `runtime_env setup failed: x\n[Node 127.0.0.1] Traceback (most recent call last):\n  File "a"\nray.exceptions.RuntimeEnvSetupError: no pip here\n`,
    "no pip here",
  ],
  ["", "nothing was said"],
  ["x".repeat(1000), `${"x".repeat(400)}…`],
])("the cause is told in one sentence", (text, cause) => expect(causeOf(text)).toBe(cause));

test("a fault of the caller's within a fault of Ray's is the caller's, with what was given", () => {
  const problem = rayProblem(500, within, { call: "POST /api/jobs/", field: "submission_id", given: "one" });
  expect(problem).toMatchObject({ code: "invalid-request", input: { field: "submission_id", given: "one" } });
  expect(problem.input.detail).not.toMatch(/Traceback|\n/);
  expect(rayProblem(500, "oh", { call: "GET /" })).toMatchObject({
    code: "ray-failed",
    input: { detail: "Ray says: oh" },
  });
});
