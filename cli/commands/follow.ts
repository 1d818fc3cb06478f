import type { ClusterId } from "@ionet/protocol";
import {
  causeOf,
  followOutput,
  type Job,
  type RayAddress,
  type UnreadableBytes,
  watchTimeWarnings,
} from "@ionet/sdk/node";
import type { CommandContext } from "../command-context.ts";
import { rayAddressOf } from "./ray-address.ts";

/** Of a longer output a program gets the end. */
const JSON_CHARACTERS = 4 * 1024 * 1024;

/** Shows a job's output until it ends; the exit code is the job's own. */
export async function follow(
  context: CommandContext,
  cluster: ClusterId,
  at: RayAddress,
  id: string,
): Promise<void> {
  const { terminal } = context;
  const ended = new AbortController();
  const signal = AbortSignal.any([terminal.signal, ended.signal]);
  const warnings = context
    .session()
    .then((ionet) =>
      watchTimeWarnings(ionet, cluster, {
        signal,
        onWarning: ({ detail }) => terminal.note(`budget: ${detail}`),
      }),
    )
    .catch(() => undefined);
  let isLost = false;
  const output = followOutput(at, id, {
    signal: terminal.signal,
    renew: () => rayAddressOf(context, cluster),
    onLost: (problem) => {
      if (!isLost) terminal.note(`${problem.input.detail}; the job's output is asked for again`);
      isLost = true;
    },
    onUnreadable: (bytes) => terminal.note(unreadableText(bytes)),
  });
  try {
    const { job, logs } = context.json
      ? await collect(output, terminal.note)
      : {
          job: await show(output, terminal.pour, () => {
            isLost = false;
          }),
          logs: [],
        };
    const why = job.status === "FAILED" && job.message ? `: ${endOf(job.message)}` : "";
    terminal.note(`job ${id}: ${job.status}${why}`);
    const { status, message, exitCode } = job;
    if (context.json) context.print({ id, status, exitCode, message, logs }, "");
    process.exitCode = exitCodeOf(job);
  } finally {
    ended.abort();
    await warnings;
  }
}

type FollowedOutput = AsyncGenerator<string, Job>;

async function show(
  output: FollowedOutput,
  pour: (text: string) => Promise<void>,
  onPiece: () => void,
): Promise<Job> {
  let last = "\n";
  for (;;) {
    const next = await output.next();
    if (next.done) {
      if (!last.endsWith("\n")) await pour("\n");
      return next.value;
    }
    if (next.value === "") continue;
    onPiece();
    last = next.value;
    await pour(next.value);
  }
}

/** For programs: the lines, of a long output the last ones; each is noted as it comes. */
async function collect(
  output: FollowedOutput,
  note: (line: string) => void,
): Promise<{ job: Job; logs: string[] }> {
  let text = "";
  let noted = "";
  for (;;) {
    const next = await output.next();
    if (next.done) {
      if (noted !== "") note(noted);
      return { job: next.value, logs: text.replace(/\n$/, "").split("\n") };
    }
    const lines = (noted + next.value).split("\n");
    noted = lines.pop() ?? "";
    for (const line of lines) note(line);
    text += next.value;
    if (text.length > 2 * JSON_CHARACTERS)
      text = text.slice(text.indexOf("\n", text.length - JSON_CHARACTERS) + 1);
  }
}

/** Why a job failed, in one sentence: Ray adds what the job has printed, which was shown, or a traceback of its own. */
const endOf = (message: string): string => causeOf(message).replace(/, last available logs \(.*\):$/, "");

/** The command's own, as a shell tells it: 128 and the number of the signal that ended it; else 1 for what did not succeed. */
function exitCodeOf({ status, exitCode }: Job): number {
  if (status === "SUCCEEDED") return 0;
  if (exitCode === null || exitCode === 0) return 1;
  return exitCode < 0 ? 128 - exitCode : exitCode;
}

export const unreadableText = ({ count, first }: UnreadableBytes): string =>
  `${count === 1 ? "1 byte" : `${count} bytes`} of the output ${count === 1 ? "is" : "are"} no UTF-8 and shown as \uFFFD; the first is 0x${first.byte.toString(16).padStart(2, "0")} at byte ${first.offset}`;
