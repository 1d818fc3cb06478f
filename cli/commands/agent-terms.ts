import type { Currency, MicroUsdPerGpuHour, NodeId, NodeView, TermsChange, Window } from "@ionet/protocol";
import type { Ionet } from "@ionet/sdk";
import { Command } from "commander";
import { countries, currencies, duration, nodeId, offeredPrice, windows } from "../arguments.ts";
import { contextOf } from "../command-context.ts";
import { everyNode } from "../every-node.ts";
import { termsText } from "../node-text.ts";
import { CommandProblem } from "../problem-text.ts";
import type { Terminal } from "../terminal.ts";

type WhichNodes = { node?: NodeId; all?: boolean };
type SetOptions = WhichNodes & {
  price?: MicroUsdPerGpuHour;
  interruptiblePrice?: MicroUsdPerGpuHour | false;
  country?: string[];
  minDuration?: number;
  maxDuration?: number;
  window?: Window[];
  always?: boolean;
  currency?: Currency[];
};

/** `ionet agent terms`: what my nodes ask, changed at once and from anywhere. */
export const agentTermsCommand = (terminal: Terminal): Command =>
  new Command("terms")
    .description("What my nodes can be hired for. A change counts at once; what is booked keeps its terms.")
    .addHelpText(
      "after",
      "\nExamples:\n  ionet agent terms show\n  ionet agent terms set --all --price 0.38\n  ionet agent terms set --node nod_… --window 'mon-fri 20:00-06:00 Europe/Berlin' --max-duration 8h\n  ionet agent terms withdraw --node nod_…",
    )
    .addCommand(
      withWhich(new Command("show").description("Shows the terms in force.")).action(
        async (which: WhichNodes, command) => {
          const context = await contextOf(terminal, command);
          const ionet = await context.session();
          const nodes = which.node === undefined ? await everyNode(ionet) : await chosen(ionet, which);
          context.print(nodes, termsText(nodes));
        },
      ),
      { isDefault: true },
    )
    .addCommand(
      withWhich(new Command("set").description("Changes the terms that are named; the others stay."))
        .option("--price <usd>", "dollars per GPU-hour, like 0.40", offeredPrice)
        .option("--interruptible-price <usd>", "a lower price for leases that may be reclaimed", offeredPrice)
        .option("--no-interruptible-price", "none such any more")
        .option("--country <code>", "where the machine is, like DE", countries)
        .option("--min-duration <time>", "the shortest lease, like 30m", duration)
        .option("--max-duration <time>", "the longest lease, like 7d", duration)
        .option("--window <window>", "when it is for hire: days, times, time zone; may be repeated", windows)
        .option("--always", "for hire at any time: no windows")
        .option("--currency <list>", "what to be paid in, with commas", currencies)
        .action(async (options: SetOptions, command) => {
          const context = await contextOf(terminal, command);
          const body = changeOf(options);
          const ionet = await context.session();
          const changed: NodeView[] = [];
          for (const { id } of await chosen(ionet, options)) {
            changed.push(await ionet.changeTerms({ params: { nodeId: id }, body }));
          }
          context.print(changed, termsText(changed));
        }),
    )
    .addCommand(
      withWhich(
        new Command("withdraw").description("Takes nodes off the market until terms are set; leases go on."),
      ).action(async (which: WhichNodes, command) => {
        const context = await contextOf(terminal, command);
        const ionet = await context.session();
        const changed: NodeView[] = [];
        for (const { id } of await chosen(ionet, which)) {
          changed.push(await ionet.withdrawNode({ params: { nodeId: id } }));
        }
        context.print(changed, termsText(changed));
      }),
    );

const withWhich = (command: Command): Command =>
  command
    .option("--node <id>", "one node (see `ionet nodes`)", nodeId)
    .option("--all", "every node of my wallet");

/** The nodes a command is about: the one that is named, all of them, or the only one there is. */
async function chosen(ionet: Ionet, { node, all }: WhichNodes): Promise<NodeView[]> {
  if (node !== undefined) return [await ionet.getNode({ params: { nodeId: node } })];
  const nodes = await everyNode(ionet);
  if (all === true || nodes.length === 1) return nodes;
  throw new CommandProblem("node-not-named", "which node is meant is not said", {
    field: "node",
    given: `nothing, and there are ${nodes.length} nodes`,
    allowed: "--node with an id, or --all",
    next: "see their ids with `ionet nodes`",
  });
}

function changeOf(options: SetOptions): TermsChange {
  const { interruptiblePrice: low } = options;
  const [country] = options.country ?? [];
  const body: TermsChange = {
    ...(options.price === undefined ? {} : { priceMicroUsdPerGpuHour: options.price }),
    ...(low === undefined ? {} : { interruptiblePriceMicroUsdPerGpuHour: low === false ? null : low }),
    ...(country === undefined ? {} : { country }),
    ...(options.minDuration === undefined ? {} : { minSeconds: options.minDuration }),
    ...(options.maxDuration === undefined ? {} : { maxSeconds: options.maxDuration }),
    ...(options.always ? { windows: [] } : options.window === undefined ? {} : { windows: options.window }),
    ...(options.currency === undefined ? {} : { currencies: options.currency }),
  };
  if (Object.keys(body).length > 0) return body;
  throw new CommandProblem("terms-missing", "no term is named", {
    field: "options",
    given: "nothing to change",
    allowed: "--price, --window, --max-duration and the others of --help",
    next: "name what is to change, or see what is in force with `ionet agent terms show`",
  });
}
