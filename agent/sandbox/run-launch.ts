import type { Launch } from "./sandbox.ts";
import { startLaunch } from "./start-launch.ts";

const TIME_LIMIT_MS = 20_000;

/** Runs a launch to its end (at most 20 s) and answers its exit status and its last words. */
export function runLaunch(
  launch: Launch,
): Promise<{ code: number | undefined; words: string; notStarted?: string }> {
  return new Promise((resolve) => {
    const child = startLaunch(launch, { output: "pipe" });
    let words = "";
    let notStarted: string | undefined;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        words = (words + text).slice(-2000);
      });
    }
    const limit = setTimeout(() => child.kill("SIGKILL"), TIME_LIMIT_MS);
    child.once("error", (error: NodeJS.ErrnoException) => {
      notStarted = error.code ?? error.message;
    });
    child.once("close", (code) => {
      clearTimeout(limit);
      resolve({
        code: code ?? undefined,
        words: words.trim(),
        ...(notStarted === undefined ? {} : { notStarted }),
      });
    });
  });
}
