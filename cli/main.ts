/** `ionet`: composes the terminal, runs one command, turns what is thrown into words and an exit code. */
import { once } from "node:events";
import { systemClock } from "@ionet/machine";
import { CommanderError } from "commander";
import type { ProblemReport } from "./problem-text.ts";
import { createProgram } from "./program.ts";
import type { Terminal } from "./terminal.ts";

/** What words a problem is told in is read when there is one. */
const problems = () => import("./problem-text.ts");

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  // A second Ctrl-C does not cut the cleaning short.
  process.on(signal, () => {
    if (interrupted.signal.aborted) terminal.note("still ending what runs");
    interrupted.abort(new Error("interrupted"));
  });
}
// `ionet … | head` closes the pipe early: nobody reads any more, and what still runs is ended in good order.
let isRead = true;
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", () => {
    isRead = false;
    interrupted.abort(new Error("interrupted"));
  });
}
const write = (stream: NodeJS.WriteStream, text: string) => {
  if (isRead) stream.write(text);
};

/** Who reads slowly is waited for, instead of holding all that was not read in memory. */
const pour = async (text: string) => {
  if (!isRead || process.stdout.write(text)) return;
  await Promise.race([
    once(process.stdout, "drain"),
    once(process.stdout, "close"),
    once(interrupted.signal, "abort"),
  ]);
};

const terminal: Terminal = {
  pour,
  out: (text) => write(process.stdout, `${text}\n`),
  note: (text) => write(process.stderr, `${text}\n`),
  draw: (text) => write(process.stderr, text),
  env: process.env,
  clock: systemClock,
  interactive: process.stderr.isTTY === true,
  signal: interrupted.signal,
  confirm: async (question) => {
    if (!process.stdin.isTTY) return false;
    const { createInterface } = await import("node:readline/promises");
    const prompt = createInterface({ input: process.stdin, output: process.stderr });
    const answer = await prompt.question(`${question} [y/N] `, { signal: interrupted.signal });
    prompt.close();
    return /^y(es)?$/i.test(answer.trim());
  },
};

// Wrong usage is told before the options are read. What stands after -- belongs to the job.
const end = process.argv.indexOf("--");
const asJson = process.argv.slice(2, end < 0 ? undefined : end).includes("--json");
const tell = async (of: (words: Awaited<ReturnType<typeof problems>>) => ProblemReport) => {
  const words = await problems();
  terminal.note(asJson ? words.problemJson(of(words)) : words.problemText(of(words)));
};

try {
  const program = await createProgram(terminal, { words: process.argv.slice(2), asJson });
  await program.parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
    // For people commander has said it already.
    if (asJson && error.exitCode !== 0) {
      const { usageProblem } = await import("./usage-problem.ts");
      await tell(() => usageProblem(error));
    }
  } else if (interrupted.signal.aborted) {
    if (asJson) await tell(() => ({ code: "interrupted", detail: "interrupted" }));
    else terminal.note("interrupted");
    process.exitCode = 130;
  } else {
    await tell(({ reportProblem }) => reportProblem(error));
    process.exitCode = 1;
  }
}
process.exit();
