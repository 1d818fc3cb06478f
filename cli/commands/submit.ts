import type { ClusterId } from "@ionet/protocol";
import { followLogs, type Job, type RayAddress, submitJob } from "@ionet/sdk";
import { Command, InvalidArgumentError } from "commander";
import { clusterId } from "../arguments.ts";
import { type CommandContext, contextOf } from "../command-context.ts";
import type { Terminal } from "../terminal.ts";
import { rayAddressOf } from "./ray-address.ts";

type SubmitOptions = { workingDir?: string; env: Record<string, string>; follow: boolean; id?: string };

/** `ionet submit` (also `run`): a command as a Ray job, its output as it comes. */
export const submitCommand = (terminal: Terminal): Command =>
  new Command("submit")
    .alias("run")
    .summary("run a command on a cluster as a Ray job")
    .description("Submits a command as a Ray job and shows its output. Exit code 1 when the job fails.")
    .argument("<cluster>", "the cluster's id", clusterId)
    .argument("<command...>", "the command, after --")
    .option("--working-dir <folder>", "a folder to send along; the command starts in it")
    .option("--env <name=value>", "an environment variable of the job; may be repeated", environment, {})
    .option("--id <name>", "a submission id of your own")
    .option("--no-follow", "do not wait for the job")
    .addHelpText(
      "after",
      "\nExamples:\n  ionet submit clu_… --working-dir examples/quant-sweep -- python main.py\n  ionet run clu_… --no-follow -- python -c 'print(1)'",
    )
    .action(async (cluster: ClusterId, words: string[], options: SubmitOptions, command) => {
      const context = await contextOf(terminal, command);
      const at = await rayAddressOf(context, cluster);
      const id = await submitJob(at, {
        entrypoint: words.map(shellWord).join(" "),
        env: options.env,
        signal: terminal.signal,
        ...(options.workingDir === undefined ? {} : { workingDir: options.workingDir }),
        ...(options.id === undefined ? {} : { submissionId: options.id }),
      });
      terminal.note(`job ${id}`);
      if (options.follow) await follow(context, at, id);
      else context.print({ id }, `ionet logs ${cluster} ${id} --follow`);
    });

/** Prints a job's output until it ends; the exit code says how it ended. */
export async function follow(context: CommandContext, at: RayAddress, id: string): Promise<void> {
  const { terminal } = context;
  const lines: string[] = [];
  const output = followLogs(at, id, { signal: terminal.signal });
  let job: Job;
  for (;;) {
    const next = await output.next();
    if (next.done) {
      job = next.value;
      break;
    }
    if (context.json) {
      lines.push(next.value);
      terminal.note(next.value);
    } else terminal.out(next.value);
  }
  const { status, message } = job;
  terminal.note(`job ${id}: ${status}${status === "FAILED" && message ? `: ${message.trim()}` : ""}`);
  if (context.json) context.print({ id, status, message, logs: lines }, "");
  if (status !== "SUCCEEDED") process.exitCode = 1;
}

function environment(text: string, before: Record<string, string>): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError(`Given ${text}; allowed is NAME=value.`);
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** Ray runs the entrypoint in a shell: words that came apart here must stay apart there. */
const shellWord = (word: string) =>
  /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
