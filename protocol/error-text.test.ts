import { createServer } from "node:net";
import { expect, test } from "vitest";
import { errorText } from "./error-text.ts";

test.each([
  [new Error("the disk is full"), "the disk is full"],
  [new Error("one line\n  and another\n"), "one line and another"],
  [new TypeError("fetch failed", { cause: new Error("other side closed") }), "other side closed"],
  [
    new AggregateError([new Error("connect ECONNREFUSED ::1:9"), new Error("the second")]),
    "connect ECONNREFUSED ::1:9",
  ],
  [new Error("it failed", { cause: new Error("because of that") }), "it failed"],
  [Object.assign(new Error(""), { code: "ECONNREFUSED" }), "ECONNREFUSED"],
  [new RangeError(), "RangeError"],
  ["words", "words"],
  [{ errno: 51 }, '{"errno":51}'],
  [undefined, "undefined"],
  [null, "null"],
])("%j is told as %j", (thrown, text) => {
  expect(errorText(thrown)).toBe(text);
});

test("why an address does not answer is told, not that a fetch failed", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  await new Promise((resolve) => server.close(resolve));
  const thrown: unknown = await fetch(`http://127.0.0.1:${port}`).catch((error: unknown) => error);
  expect(errorText(thrown)).toContain(`ECONNREFUSED 127.0.0.1:${port}`);
});
