import type { RequestId } from "@ionet/protocol";
import { followRequest, type Ionet } from "@ionet/sdk";
import { Command } from "commander";
import { requestId, wholeNumber } from "../arguments.ts";
import { type CommandContext, contextOf } from "../command-context.ts";
import { readyText } from "../rent-text.ts";
import { resumeWaiting } from "../rent-waiting.ts";
import { openWallet, ownChain } from "../session.ts";
import { type Terminal, toJson } from "../terminal.ts";
import { eventText, requestsText, requestText, unreachableText } from "../waiting-text.ts";

/** `ionet requests`, and `show`, `events`, `resume` and `cancel` of one: demands that wait for supply. */
export const requestsCommand = (terminal: Terminal): Command =>
  new Command("requests")
    .addHelpText(
      "after",
      "\nExamples:\n  ionet requests\n  ionet requests show req_…\n  ionet requests events req_… --follow\n  ionet requests resume req_…\n  ionet requests cancel req_…",
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
      new Command("events")
        .description("Prints what happened to a request; with --follow, until nothing more will.")
        .argument("<request>", "its id", requestId)
        .option("-f, --follow", "go on until it waits no longer; with --json one event a line")
        .addHelpText("after", "\nExample:\n  ionet requests events req_… --follow --json")
        .action(async (id: RequestId, options: { follow?: boolean }, command) => {
          const context = await contextOf(terminal, command);
          const ionet = await context.session();
          if (options.follow === true) return followEvents(context, ionet, id);
          const { items } = await ionet.listRequestEvents({ params: { requestId: id } });
          context.print(items, items.map(eventText).join("\n"));
        }),
    )
    .addCommand(
      new Command("resume")
        .description(
          "Goes on waiting with a request, as `ionet rent --wait` does, and funds what is held for it.",
        )
        .argument("<request>", "its id", requestId)
        .option("-y, --yes", "do not ask before money moves: it has to have a highest price")
        .addHelpText("after", "\nExample:\n  ionet requests resume req_… --yes")
        .action(async (id: RequestId, options: { yes?: boolean }, command) => {
          const context = await contextOf(terminal, command);
          const ionet = await context.session();
          const wallet = await openWallet(context.settings);
          const chain = ownChain(context.settings);
          const request = await ionet.getRequest({ params: { requestId: id } });
          const parts = { terminal, ionet, wallet, yes: options.yes === true };
          const cluster = await resumeWaiting(parts, request, {
            signal: terminal.signal,
            ...(chain ? { chain } : {}),
          });
          if (cluster !== null) context.print(cluster, readyText(cluster));
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

/** Events as they happen: lines of text, or of JSON. */
async function followEvents({ terminal, json }: CommandContext, ionet: Ionet, id: RequestId): Promise<void> {
  const events = followRequest(ionet, id, {
    signal: terminal.signal,
    onUnreachable: (problem, againMs) => terminal.note(unreachableText({ problem, againMs })),
  });
  for await (const event of events) terminal.out(json ? toJson(event, 0) : eventText(event));
}
