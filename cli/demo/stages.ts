import type { Terminal } from "../terminal.ts";

export const stageNames = [
  "environment",
  "network",
  "offers",
  "quote",
  "booking",
  "escrow",
  "cluster",
  "job",
  "settlement",
  "cleanup",
] as const;
export type StageName = (typeof stageNames)[number];

const titles: Record<StageName, string> = {
  environment: "Python environment with Ray",
  network: "network: Solana, control plane, agents",
  offers: "sign in and search offers",
  quote: "quote beside the clouds",
  booking: "booking, all GPUs or none",
  escrow: "escrow opened and funded",
  cluster: "Ray cluster ready",
  job: "job: examples/quant-sweep",
  settlement: "stop, settlement, refund",
  cleanup: "everything stopped and cleaned",
};

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 100;
const ERASE_LINE = "\r\u001b[2K";

/** The live list of stages and their times. */
export type Stages = {
  /** Runs one stage and measures it. */
  run<Result>(name: StageName, work: () => Promise<Result>): Promise<Result>;
  /** A line below the stage that runs. */
  note(text: string): void;
  /** Seconds of the stages done so far. */
  seconds(): Record<string, number>;
  /** The stage that failed; undefined while none has. */
  failed(): StageName | undefined;
};

/** Shows stages on the terminal: with a line that moves where a person looks on, as plain lines elsewhere. */
export function createStages(terminal: Terminal): Stages {
  const done: Record<string, number> = {};
  const began = terminal.clock.now();
  let current: { name: StageName; since: number } | undefined;
  let failed: StageName | undefined;
  let frame = 0;

  const seconds = (since: number) => ((terminal.clock.now() - since) / 1000).toFixed(1).padStart(6);
  const line = (mark: string, name: StageName, since: number) =>
    `${mark} ${seconds(since)} s  ${titles[name]}`;
  const draw = () => {
    if (!terminal.interactive || !current) return;
    frame = (frame + 1) % FRAMES.length;
    terminal.draw(`${ERASE_LINE}${line(FRAMES[frame] ?? "", current.name, current.since)}`);
  };
  const settle = (text: string) => terminal.draw(`${terminal.interactive ? ERASE_LINE : ""}${text}\n`);

  return {
    async run(name, work) {
      const since = terminal.clock.now();
      current = { name, since };
      const timer = setInterval(draw, FRAME_MS);
      draw();
      try {
        const result = await work();
        done[name] = (terminal.clock.now() - since) / 1000;
        settle(line("✔", name, since));
        return result;
      } catch (error) {
        settle(line("✘", name, since));
        failed = name;
        throw error;
      } finally {
        clearInterval(timer);
        current = undefined;
      }
    },
    note(text) {
      for (const one of text.split("\n")) settle(`    ${one}`.trimEnd());
      draw();
    },
    seconds: () => ({ ...done, total: (terminal.clock.now() - began) / 1000 }),
    failed: () => failed,
  };
}
