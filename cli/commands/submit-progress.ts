import type { SubmitProgress } from "@ionet/sdk/node";
import type { Terminal } from "../terminal.ts";

/** What takes less than this is not worth a word. */
const SILENT_MS = 2_000;
const LIVE_MS = 200;
const NOTED_MS = 10_000;

const mib = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);

const progressText = (progress: SubmitProgress): string => {
  if (progress.step === "uploading")
    return `uploading: ${mib(progress.sentBytes)} of ${mib(progress.bytes)} MiB`;
  const { step, files, bytes, packedBytes } = progress;
  return step === "listing"
    ? `looking through the folder: ${files} files, ${mib(bytes)} MiB`
    : `packing ${files} files: ${mib(packedBytes)} of ${mib(bytes)} MiB`;
};

/** Says how far a long submission is: on a line that moves where somebody looks, else every ten seconds. */
export function submitProgress(terminal: Terminal) {
  const startMs = terminal.clock.now();
  let toldMs = startMs + SILENT_MS;
  let isDrawn = false;
  return {
    tell: (progress: SubmitProgress) => {
      const nowMs = terminal.clock.now();
      if (nowMs < toldMs) return;
      toldMs = nowMs + (terminal.interactive ? LIVE_MS : NOTED_MS);
      if (!terminal.interactive) return terminal.note(progressText(progress));
      terminal.draw(`\r\u001b[2K${progressText(progress)}`);
      isDrawn = true;
    },
    end: () => {
      if (isDrawn) terminal.draw("\r\u001b[2K");
      isDrawn = false;
    },
  };
}
