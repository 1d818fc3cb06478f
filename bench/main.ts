/** `npm run bench -- NAME [--json]`: one benchmark, its peer beside it in the same run. */
import { parseArgs } from "node:util";

const benchmarks: Readonly<Record<string, () => Promise<{ result: unknown; text: string }>>> = {
  settle: async () => (await import("./settle/settle.ts")).benchSettle(),
};

const { values, positionals } = parseArgs({
  options: { json: { type: "boolean", default: false } },
  allowPositionals: true,
});
const [name = ""] = positionals;
const benchmark = benchmarks[name];
if (benchmark === undefined) {
  console.error(
    `bench: there is no benchmark ${JSON.stringify(name)}; there are: ${Object.keys(benchmarks).join(", ")}`,
  );
  process.exit(2);
}
const { result, text } = await benchmark();
console.log(values.json ? JSON.stringify(result) : text);
