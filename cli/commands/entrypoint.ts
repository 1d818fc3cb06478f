import { CommandProblem } from "../problem-text.ts";

/**
 * The line for a shell that Ray runs a job by. One word is such a line already, as ssh has it; several words came apart here
 * and stay apart there.
 */
export function entrypointOf(words: readonly string[]): string {
  const [only = "", ...more] = words;
  const line = more.length === 0 ? only : words.map(shellWord).join(" ");
  if (only.trim() !== "") return line;
  throw new CommandProblem("usage", "the command is empty", {
    field: "command",
    given: JSON.stringify(only),
    allowed: "a command and its arguments, or one quoted line for a shell",
    next: "Say after -- what is to run: ionet submit clu_… -- python main.py",
  });
}

const shellWord = (word: string) =>
  /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
