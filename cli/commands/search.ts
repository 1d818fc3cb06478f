import { caretLines, formatQuery, Problem, readQueryText } from "@ionet/protocol";
import { Command } from "commander";
import { wholeNumber } from "../arguments.ts";
import { type CommandContext, contextOf } from "../command-context.ts";
import { queryHelp, searchText } from "../search-text.ts";
import type { Terminal } from "../terminal.ts";

const examples = `
Examples:
  ionet search a100-40gb
  ionet search 'gpu=A100 vram>=40 count=8 region=eu price<=1.0 reliability>=0.99 verified'
  ionet search 'gpu=h100,h200 duration=2d' --sort price/tflop --country DE,NO
  ionet search 'rtx-4090 !simulated' --near NO --json
  ionet search 'gpu_name=RTX_4090 num_gpus=4 dph<=2 geolocation in [SE,NO] rented=False' -o dph+    (as on Vast.ai)

No node's hardware has passed a challenge yet, so \`verified\` finds nothing today: leave it out to see what is for hire.
`;

type SearchOptions = {
  sort?: string;
  order?: string;
  country?: string;
  near?: string;
  limit: number;
  cursor?: string;
};

/** `ionet search`: what is for hire now. Needs no wallet. */
export const searchCommand = (terminal: Terminal): Command =>
  new Command("search")
    .description(
      "Finds what can be hired now, by conditions that must all hold. Needs no wallet and no sign-in.\nPut the query in quotes: shells read < and > themselves.",
    )
    .argument("[query...]", "conditions like gpu=A100 price<=1.0 verified, or a GPU model alone")
    .option("--sort <key>", "order, like price, price/tflop, reliability, nearness")
    .option("-o, --order <key>", "the same in Vast.ai's way, like dph+ or reliability-")
    .option("--country <codes>", "only there, like DE or DE,NO")
    .option("--near <place>", "nearest to this country or region first")
    .option("--limit <count>", "how many", wholeNumber(1, 200), 50)
    .option("--cursor <cursor>", "go on where the page before ended")
    .addHelpText("after", () => `${examples}\n${queryHelp()}`)
    .action(async (words: string[], { limit, cursor, ...conditions }: SearchOptions, command) => {
      const context = await contextOf(terminal, command);
      const text = textOf(words, conditions);
      const query = {
        ...(text === "" ? {} : { q: text }),
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      };
      const answer = await shown(context, text, () => {
        const read = readQueryText(text);
        if (read.inOthersWords && !context.json)
          terminal.note(`read as: ${formatQuery(read.query) || "all that can be hired"}`);
        return context.anonymous().searchOffers({ query });
      });
      context.print(answer, searchText(answer));
    });

/** The query that was typed, options among its conditions. Positions in it stay what they are. */
function textOf(words: readonly string[], options: Omit<SearchOptions, "limit" | "cursor">): string {
  const more = [
    options.country === undefined ? [] : [`country=${options.country}`],
    options.near === undefined ? [] : [`near=${options.near}`],
    options.sort === undefined ? [] : [`sort=${options.sort}`],
    options.order === undefined ? [] : [`order=${options.order}`],
  ];
  return [...words, ...more.flat()].join(" ").replace(/\s/g, " ");
}

/** Reads and asks; where a word of the query is refused, here or by the network, it is shown to people. */
async function shown<Answer>(
  { terminal, json }: CommandContext,
  text: string,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    const place = error instanceof Problem ? error.input.position : undefined;
    if (place !== undefined && !json) {
      terminal.note(caretLines({ text, at: place.offset, end: place.offset + place.length }));
    }
    throw error;
  }
}
