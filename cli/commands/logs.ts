import type { ClusterId } from "@ionet/protocol";
import { listJobs, readLogs, readOutput, stopJob, type UnreadableBytes } from "@ionet/sdk/node";
import { Command } from "commander";
import { clusterId } from "../arguments.ts";
import { contextOf } from "../command-context.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { follow, unreadableText } from "./follow.ts";
import { rayAddressOf } from "./ray-address.ts";

/** `ionet logs`: what a job has printed. */
export const logsCommand = (terminal: Terminal): Command =>
  new Command("logs")
    .description("Prints what a job has printed; with --follow, until it ends.")
    .argument("<cluster>", "the cluster's id", clusterId)
    .argument("<job>", "the job's submission id")
    .option("-f, --follow", "go on until the job ends")
    .addHelpText("after", "\nExample:\n  ionet logs clu_… raysubmit_… --follow")
    .action(async (cluster: ClusterId, job: string, options: { follow?: boolean }, command) => {
      const context = await contextOf(terminal, command);
      const at = await rayAddressOf(context, cluster);
      if (options.follow) return follow(context, cluster, at, job);
      if (context.json) return context.print({ id: job, logs: await readLogs(at, job) }, "");
      const onUnreadable = (bytes: UnreadableBytes) => terminal.note(unreadableText(bytes));
      let last = "\n";
      for await (const piece of readOutput(at, job, { signal: terminal.signal, onUnreadable })) {
        if (piece !== "") last = piece;
        await terminal.pour(piece);
      }
      if (!last.endsWith("\n")) await terminal.pour("\n");
    });

/** `ionet jobs`: the jobs of a cluster, and stopping one. */
export const jobsCommand = (terminal: Terminal): Command =>
  new Command("jobs")
    .addHelpText("after", "\nExamples:\n  ionet jobs list clu_…\n  ionet jobs stop clu_… raysubmit_…")
    .addCommand(
      new Command("list")
        .description("Lists a cluster's jobs.")
        .argument("<cluster>", "the cluster's id", clusterId)
        .action(async (cluster: ClusterId, _options, command) => {
          const context = await contextOf(terminal, command);
          const jobs = await listJobs(await rayAddressOf(context, cluster));
          const rows = jobs.map((job) => [job.id, job.status, job.entrypoint]);
          context.print(jobs, rows.length === 0 ? "No jobs yet." : table(["job", "status", "command"], rows));
        }),
    )
    .addCommand(
      new Command("stop")
        .description("Stops a job; the cluster goes on.")
        .argument("<cluster>", "the cluster's id", clusterId)
        .argument("<job>", "the job's submission id")
        .action(async (cluster: ClusterId, job: string, _options, command) => {
          const context = await contextOf(terminal, command);
          await stopJob(await rayAddressOf(context, cluster), job);
          context.print({ stopping: job }, `${job} is told to stop.`);
        }),
    );
