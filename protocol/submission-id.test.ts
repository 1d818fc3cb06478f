import { expect, test } from "vitest";
import { unusableSubmissionId } from "./submission-id.ts";

test.each([
  "run1",
  "raysubmit_qWErTy12",
  "lr=0.1,b=2",
  "2026-11-29T06:16:39",
  "a",
  "v1..2",
  "deadbeef",
  "x".repeat(200),
])("%s names a job", (id) => expect(unusableSubmissionId(id)).toBeNull());

test.each([
  "team/run1",
  "..",
  ".",
  ".hidden",
  "a b",
  "é",
  "",
  "-x",
  "a?b",
  "a#b",
  "a%2Fb",
  "a\\b",
  "a\nb",
  "a\u0000b",
  "x".repeat(201),
  "01000000",
])("%j is refused with what is allowed", (id) =>
  expect(unusableSubmissionId(id)).toMatchObject({
    code: "invalid-request",
    input: {
      field: "submission_id",
      given: expect.any(String),
      allowed: expect.stringContaining("1 to 200"),
      next: expect.any(String),
    },
  }),
);

test.each([null, 5, ["a"], {}])("%j is no name at all", (id) =>
  expect(unusableSubmissionId(id)).not.toBeNull(),
);
