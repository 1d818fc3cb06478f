import { readFile } from "node:fs/promises";
import { join } from "node:path";
import ignore, { type Ignore } from "ignore";

/**
 * What one ignore file says of the paths in its own folder and below. As Ray reads them, each file stands alone: the last
 * of its lines that matches decides, and what one file leaves out no other brings back.
 */
export type IgnoreRules = (path: string) => boolean;

/** Neighbouring lines that say the same, left out or brought back. */
type RuleRun = { lines: Ignore; isBack: boolean };

export function ignoreRules(text: string): IgnoreRules {
  const runs: RuleRun[] = [];
  for (const line of text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/)) {
    const isBack = line.startsWith("!");
    let run = runs.at(-1);
    if (run?.isBack !== isBack) {
      // Names differ by case, as on the nodes.
      run = { lines: ignore({ ignorecase: false, allowRelativePaths: true }), isBack };
      runs.push(run);
    }
    run.lines.add(isBack ? line.slice(1) : line);
  }
  return (path) => runs.findLast(({ lines }) => lines.ignores(path))?.isBack === false;
}

/** The rules of a folder's own ignore files. */
export async function rulesOfFolder(folder: string, names: readonly string[]): Promise<IgnoreRules[]> {
  const rules: IgnoreRules[] = [];
  for (const name of names) {
    const text = await readFile(join(folder, name), "utf8").catch(() => null);
    if (text !== null) rules.push(ignoreRules(text));
  }
  return rules;
}
