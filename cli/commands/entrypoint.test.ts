import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { entrypointOf } from "./entrypoint.ts";

const shell = (words: readonly string[]) =>
  execFileSync("sh", ["-c", entrypointOf(words)], { env: { ...process.env, HOME: "/home/me" } }).toString();

test.each([
  ["printf '%s' 'a b'", "a b"],
  ["echo $HOME", "/home/me\n"],
  ["A=1 printenv A", "1\n"],
  ["echo one; echo two | tr a-z A-Z", "one\nTWO\n"],
])("one word is a line for a shell: %s", (line, printed) => expect(shell([line])).toBe(printed));

test.each([[["a b", "c"]], [["$HOME", "`id`", "it's", '"', "\\", "a\nb", "*", "", "~", "{a,b}", "-n", "é"]]])(
  "several words arrive as they are: %j",
  (words) => expect(shell(["printf", "[%s]", ...words])).toBe(words.map((word) => `[${word}]`).join("")),
);

test("variables before a command of several words are the command's", () => {
  expect(shell(["A=1", "printenv", "A"])).toBe("1\n");
});

test.each([[""], ["  "], ["\n"]])("no command (%j) is refused", (line) =>
  expect(() => entrypointOf([line])).toThrow("the command is empty"),
);
