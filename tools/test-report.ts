import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { errorText } from "@ionet/machine";
import { z } from "zod";

/** What vitest's JSON reporter writes, as far as it is read here. */
const reportSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numFailedTestSuites: z.number(),
  numPendingTests: z.number(),
  testResults: z.array(z.object({ name: z.string(), startTime: z.number(), endTime: z.number() })),
});

/** How one run of vitest ended. */
export type LaneResult = {
  code: number;
  passed: number;
  failed: number;
  skipped: number;
  files: readonly { path: string; seconds: number }[];
};

const SLOWEST = 10;

/** Reads the report of a run that ended with `code`. A run without one counts as one failed test. */
export async function readLane(file: string, code: number): Promise<LaneResult> {
  try {
    const report = reportSchema.parse(JSON.parse(await readFile(file, "utf8")));
    const { numFailedTests, numFailedTestSuites } = report;
    return {
      code,
      passed: report.numPassedTests,
      // A file that could not even be loaded has no failed test, only a failed suite: it counts as one.
      failed: numFailedTests === 0 && code !== 0 ? Math.max(1, numFailedTestSuites) : numFailedTests,
      skipped: report.numPendingTests,
      files: report.testResults.map(({ name, startTime, endTime }) => ({
        path: name,
        seconds: (endTime - startTime) / 1000,
      })),
    };
  } catch (error) {
    console.error(`npm test: no report was written (${errorText(error)})`);
    return { code, passed: 0, failed: 1, skipped: 0, files: [] };
  }
}

/** The files that took longest, a line each, slowest first. */
export const slowestFiles = (lanes: readonly LaneResult[], root: string): string[] =>
  lanes
    .flatMap(({ files }) => files)
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, SLOWEST)
    .map(({ path, seconds }) => `${seconds.toFixed(1).padStart(7)}  ${relative(root, path)}`);

/** The last line, which continuous integration reads. */
export function closingLine(lanes: readonly LaneResult[]): string {
  const total = (count: "passed" | "failed" | "skipped") => lanes.reduce((sum, lane) => sum + lane[count], 0);
  return `${total("passed")} passed, ${total("failed")} failed, ${total("skipped")} skipped`;
}
