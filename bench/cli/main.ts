/**
 * `npm run bench -- cli [--json] [--rounds 15]`: how long one command takes from its start to its end, as a shell waits for
 * it: the help, and a search on a local network that the benchmark starts and ends; beside them Ray's own command and a
 * Node that does nothing, in turns. The first round is not counted: it makes the bundle, and fills the disk's cache.
 */
import { parseArgs } from "node:util";
import { findRay } from "./find-ray.ts";
import { startLocalNetwork } from "./local-network.ts";
import { IONET, timed } from "./timed.ts";

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, rounds: { type: "string", default: "15" } },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error("bench cli: --rounds takes a whole number above 0");
  process.exit(2);
}
const say = (line: string) => console.error(`bench cli: ${line}`);

const ray = await findRay();
if (ray === undefined) say("skipped: ray --version, its environment is not prepared (`npx ionet demo` does)");
say("starting a local network");
const network = await startLocalNetwork();
try {
  const commands: Readonly<Record<string, readonly [string, ...string[]]>> = {
    help: [IONET, "help"],
    search: [IONET, "search", "a100-40gb", "--url", network.url],
    "npx ionet help": ["npx", "ionet", "help"],
    ...(ray === undefined ? {} : { "ray --version": [ray, "--version"] }),
    "node -e 0": [process.execPath, "-e", "0"],
  };
  const times = new Map(Object.keys(commands).map((name) => [name, [] as number[]]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, command] of Object.entries(commands)) {
      const milliseconds = await timed(command);
      if (round > 0) times.get(name)?.push(milliseconds);
    }
  }
  const results = [...times].map(([name, taken]) => ({ name, medianMs: median(taken) }));
  const of = (name: string) => ({ medianMs: results.find((one) => one.name === name)?.medianMs });
  const result = {
    ...{ help: of("help"), search: of("search"), rounds },
    peers: results.filter(({ name }) => name !== "help" && name !== "search"),
  };
  if (values.json) console.log(JSON.stringify(result));
  else for (const { name, medianMs } of results) console.log(`${name.padEnd(16)} ${medianMs} ms`);
} finally {
  await network.stop();
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
  return Math.round(middle * 10) / 10;
}
