import { MachineProblem } from "@ionet/agent";
import { problem } from "@ionet/protocol";
import { expect, test } from "vitest";
import { problemJson, problemText, reportProblem } from "./problem-text.ts";

test("a refusal of the network says what happened, what was given, what is allowed and what to do", () => {
  const refusal = problem("quote-expired", {
    detail: "it expired 3 s ago",
    field: "quoteId",
    given: "quo_x",
    allowed: "a quote younger than 60 s",
    next: "ask again",
  });
  expect(problemText(reportProblem(refusal))).toBe(
    [
      "ionet: The quote has expired: it expired 3 s ago [quote-expired]",
      "  given:   quoteId = quo_x",
      "  allowed: a quote younger than 60 s",
      "  next:    ask again",
    ].join("\n"),
  );
});

test("a problem of this machine reads the same way, and says nothing twice", () => {
  const text = problemText(
    reportProblem(
      new MachineProblem("python-missing", {
        field: "python3",
        given: "none",
        allowed: "3.10 or newer",
        next: "Install it.",
      }),
    ),
  );
  expect(text).toBe(
    "ionet: python3: none [python-missing]\n  given:   python3 = none\n  allowed: 3.10 or newer\n  next:    Install it.",
  );
});

test("what nobody expected is at least said, with the code `internal`", () => {
  expect(problemText(reportProblem(new Error("the disk is on fire")))).toBe(
    "ionet: the disk is on fire [internal]",
  );
  expect(reportProblem("text").detail).toBe("text");
});

test("what steers a terminal is left out, whoever wrote it", () => {
  const steering = "\u001b]0;title\u0007\u202eevil\u2028";
  const text = problemText({ code: "internal", detail: steering, given: `${steering}\r`, next: "go on" });
  expect(text).toBe("ionet: ]0;titleevil [internal]\n  given:   ]0;titleevil\n  next:    go on");
});

test("programs get the same in one line of JSON, with the place and the closest words as fields of their own", () => {
  const refusal = problem("query-unreadable", {
    detail: 'at character 1: there is no field "vrma"',
    field: "q",
    given: "vrma\u009b",
    allowed: "a field",
    next: "Did you mean vram?",
    position: { offset: 0, length: 4 },
    closest: ["vram"],
  });
  const json = problemJson(reportProblem(refusal));
  expect(json).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(JSON.parse(json)).toEqual({
    code: "query-unreadable",
    title: "The query can't be read",
    ...refusal.input,
  });
});
