import { type ClusterId, unusableSubmissionId } from "@ionet/protocol";
import { submitJob } from "@ionet/sdk/node";
import { Command, InvalidArgumentError } from "commander";
import { clusterId } from "../arguments.ts";
import { contextOf } from "../command-context.ts";
import type { Terminal } from "../terminal.ts";
import { entrypointOf } from "./entrypoint.ts";
import { follow } from "./follow.ts";
import { rayAddressOf } from "./ray-address.ts";
import { submitProgress } from "./submit-progress.ts";

type SubmitOptions = {
  workingDir?: string;
  exclude: string[];
  env: Record<string, string>;
  follow: boolean;
  id?: string;
};

/** `ionet submit` (also `run`): a command as a Ray job, its output as it comes. */
export const submitCommand = (terminal: Terminal): Command =>
  new Command("submit")
    .description(
      "Submits a command as a Ray job and shows its output. The exit code is the command's own, 1 when it never ran.",
    )
    .argument("<cluster>", "the cluster's id", clusterId)
    .argument("<command...>", "the command, after --; one quoted word is a line for a shell")
    .option(
      "--working-dir <folder>",
      "a folder (or .zip) to send along; the command starts in it. .gitignore and .rayignore count",
    )
    .option(
      "--exclude <pattern>",
      "leave this out of the folder, as .gitignore has it; may be repeated",
      repeated,
      [],
    )
    .option("--env <name=value>", "an environment variable of the job; may be repeated", environment, {})
    .option("--id <name>", "a submission id of your own")
    .option("--no-follow", "do not wait for the job")
    .addHelpText(
      "after",
      "\nExamples:\n  ionet submit clu_… --working-dir examples/quant-sweep -- python main.py\n  ionet submit clu_… -- 'nvidia-smi | head -3; python -V'\n  ionet run clu_… --no-follow -- python -c 'print(1)'",
    )
    .action(async (cluster: ClusterId, words: string[], options: SubmitOptions, command) => {
      const entrypoint = entrypointOf(words);
      const refused = options.id === undefined ? null : unusableSubmissionId(options.id);
      if (refused !== null) throw refused;
      const context = await contextOf(terminal, command);
      const at = await rayAddressOf(context, cluster);
      const progress = submitProgress(terminal);
      const id = await submitJob(at, {
        entrypoint,
        env: options.env,
        excludes: options.exclude,
        // Ray's own switch.
        gitignore: terminal.env.RAY_RUNTIME_ENV_IGNORE_GITIGNORE !== "1",
        signal: terminal.signal,
        onProgress: progress.tell,
        onLeftOut: ({ path, why }) => terminal.note(`left out: ${path}: ${why}`),
        ...(options.workingDir === undefined ? {} : { workingDir: options.workingDir }),
        ...(options.id === undefined ? {} : { submissionId: options.id }),
      }).finally(progress.end);
      terminal.note(`job ${id}`);
      if (options.follow) await follow(context, cluster, at, id);
      else context.print({ id }, `ionet logs ${cluster} ${id} --follow`);
    });

const repeated = (text: string, before: string[]): string[] => [...before, text];

function environment(text: string, before: Record<string, string>): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError(`Given ${text}; allowed is NAME=value.`);
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
