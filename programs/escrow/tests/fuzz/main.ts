/**
 * `npm run fuzz -- 100000`: that many random sequences on the real program, compared with the reference model after
 * every step. `--seed N` repeats a search. `--planted` builds the program with bugs and shows that each is found.
 */
import { parseArgs } from "node:util";
import { errorText } from "@ionet/protocol";
import fc from "fast-check";
import { committedElf } from "../../../testing/svm.ts";
import { buildVariant } from "../../../testing/variants.ts";
import { plantedBugs } from "../planted-bugs.ts";
import { newArena } from "./arena.ts";
import { play } from "./play.ts";
import { sequence } from "./sequence.ts";

const { values, positionals } = parseArgs({
  options: { seed: { type: "string" }, planted: { type: "boolean", default: false } },
  allowPositionals: true,
});
const count = Number(positionals[0] ?? 2_000);
const seed = values.seed === undefined ? {} : { seed: Number(values.seed) };
if (!Number.isInteger(count) || count < 1 || Number.isNaN(seed.seed ?? 0)) {
  console.error(
    `fuzz: ${positionals[0] ?? values.seed} is no number; give how many sequences, such as 100000`,
  );
  process.exit(2);
}

/** Plays sequences; the first that differs, made as short as can be, or null. */
async function search(program: Uint8Array, tell: Parameters<typeof play>[2]) {
  const arena = await newArena(program);
  const found = await fc.check(
    fc.asyncProperty(sequence, (given) => play(arena, given, tell)),
    { numRuns: count, ...seed },
  );
  if (!found.failed) return null;
  const [example] = found.counterexample ?? [];
  const reason = errorText(found.errorInstance);
  return { example, reason, runs: found.numRuns, seed: found.seed };
}

const show = (value: unknown) =>
  JSON.stringify(value, (_key, part: unknown) => (typeof part === "bigint" ? `${part}n` : part));

if (values.planted) {
  for (const [name, changes] of Object.entries(plantedBugs)) {
    const found = await search(buildVariant("escrow", changes), undefined);
    console.log(
      found === null
        ? `${name}: NOT FOUND in ${count} sequences`
        : `${name}: found after ${found.runs} sequences: ${found.reason}; ${show(found.example)}`,
    );
    if (found === null) process.exitCode = 1;
  }
} else {
  const outcomes = new Map<string, number>();
  const started = performance.now();
  const program = committedElf("escrow");
  const found = await search(program, (step, refused) => {
    const outcome = `${step}: ${refused ?? "accepted"}`;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  });
  for (const [outcome, times] of [...outcomes].sort()) console.log(`${outcome} ${times}`);
  const seconds = Math.round((performance.now() - started) / 1000);
  const steps = [...outcomes.values()].reduce((sum, times) => sum + times, 0);
  if (found === null) console.log(`${count} sequences, ${steps} steps, no difference, ${seconds} s`);
  else {
    console.log(`seed ${found.seed}: ${found.reason}\n${show(found.example)}`);
    process.exitCode = 1;
  }
}
