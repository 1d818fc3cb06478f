import type { RequestId } from "@ionet/protocol";
import { Command } from "commander";
import { requestId, wholeNumber } from "../arguments.ts";
import { contextOf } from "../command-context.ts";
import type { Terminal } from "../terminal.ts";
import { requestsText, requestText } from "../waiting-text.ts";

/** `ionet requests`, `ionet requests show ID`, `ionet requests cancel ID`: demands that wait for supply. */
export const requestsCommand = (terminal: Terminal): Command =>
  new Command("requests")
    .summary("my demands that wait for supply")
    .addHelpText(
      "after",
      "\nExamples:\n  ionet requests\n  ionet requests show req_…\n  ionet requests cancel req_…",
    )
    .addCommand(
      new Command("list")
        .description("Lists my requests, newest first.")
        .option("--limit <count>", "how many", wholeNumber(1, 200), 50)
        .action(async (options: { limit: number }, command) => {
          const context = await contextOf(terminal, command);
          const { items } = await (await context.session()).listRequests({ query: { limit: options.limit } });
          context.print(items, requestsText(items));
        }),
      { isDefault: true },
    )
    .addCommand(
      new Command("show")
        .description("Shows a request: its place in the queue, and why it waits.")
        .argument("<request>", "its id", requestId)
        .action(async (id: RequestId, _options, command) => {
          const context = await contextOf(terminal, command);
          const request = await (await context.session()).getRequest({ params: { requestId: id } });
          context.print(request, requestText(request));
        }),
    )
    .addCommand(
      new Command("cancel")
        .description("Waits no longer; what is held for it is let go.")
        .argument("<request>", "its id", requestId)
        .action(async (id: RequestId, _options, command) => {
          const context = await contextOf(terminal, command);
          const request = await (await context.session()).cancelRequest({ params: { requestId: id } });
          context.print(request, requestText(request));
        }),
    );
