import { CommanderError } from "commander";
import { expect, test } from "vitest";
import { createProgram } from "./program.ts";
import { silentTerminal } from "./testing/silent-terminal.ts";
import { usageProblem } from "./usage-problem.ts";

/** What wrong usage is told as, of the real commands. */
async function usageOf(...words: string[]) {
  try {
    const program = await createProgram(silentTerminal, { words, asJson: true });
    await program.parseAsync(words, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return usageProblem(error);
    throw error;
  }
  throw new Error("it is no wrong usage");
}

test.each([
  [
    ["quote", "a100-40gb", "--country", "ZZ"],
    { field: "--country", given: "ZZ", allowed: "country codes with commas, like DE,NO" },
  ],
  [["quote", "a100-40gb", "--country", "DE,ZZ"], { field: "--country", given: "DE,ZZ" }],
  [["rent", "a100-40gb", "--wait", "2h", "--max-price", "0"], { field: "--max-price", given: "0" }],
  [["rent", "a100-40gb", "--budget", "0"], { field: "--budget", given: "0" }],
  [["rent", "a100-40gb", "--budget", "720000000.01"], { field: "--budget" }],
  [["earnings", "--price", "0"], { field: "--price", allowed: expect.stringContaining("at most 1000.00") }],
  [["earnings", "--price", "999999999"], { field: "--price", given: "999999999" }],
  [["earnings", "--tariff", "5.01"], { field: "--tariff", given: "5.01" }],
  [["clusters", "show", "x"], { given: "x" }],
  [["quote"], { field: "model" }],
  [["earnings", "--price", "1"], { field: "--gpu" }],
  [["quote", "a100", "--contry", "DE"], { field: "--contry", closest: ["--country"] }],
  [["serch"], { given: "serch", closest: ["search"] }],
  [[], { detail: "a command is missing" }],
])("%j is told as wrong usage with its parts", async (words, parts) => {
  expect(await usageOf(...words)).toMatchObject({ code: "usage", ...parts });
});
