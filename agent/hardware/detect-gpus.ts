import type { RunCommand } from "../environment/run-command.ts";
import { type NvidiaReport, parseNvidiaSmi } from "./parse-nvidia-smi.ts";

const TIME_LIMIT_MS = 30_000;

/** The NVIDIA GPUs of this machine; whatever stands in the way becomes a sentence in `problems`, never an error. */
export async function detectGpus(run: RunCommand): Promise<NvidiaReport> {
  const answer = await run(["nvidia-smi", "-q", "-x"], { timeoutMs: TIME_LIMIT_MS });
  const none = (problem: string): NvidiaReport => ({ gpus: [], problems: [problem] });
  if (answer.notStarted !== undefined) return none("nvidia-smi is not installed: no NVIDIA GPU is offered");
  const words = `${answer.stdout}\n${answer.stderr}`;
  if (/couldn't communicate with the NVIDIA driver/i.test(words)) {
    return none("the NVIDIA driver is not running: install or load it, then start the agent again");
  }
  const lost = /Unable to determine the device handle for GPU\s*(\S+): (.+)/i.exec(words);
  const xmlAt = answer.stdout.indexOf("<nvidia_smi_log");
  if (xmlAt >= 0) {
    try {
      const report = parseNvidiaSmi(answer.stdout.slice(xmlAt));
      return lost ? { ...report, problems: [...report.problems, lostSentence(lost)] } : report;
    } catch {
      return none("nvidia-smi answered with something that is not its XML report");
    }
  }
  if (lost) return none(lostSentence(lost));
  if (/no devices were found/i.test(words)) return none("the NVIDIA driver runs and finds no GPU");
  const how =
    answer.code === undefined
      ? `gave no answer within ${TIME_LIMIT_MS / 1000} s`
      : `ended with ${answer.code}`;
  return none(`nvidia-smi ${how}: ${words.trim().slice(0, 200)}`);
}

const lostSentence = (lost: RegExpExecArray) => `GPU ${lost[1]}: ${lost[2]?.trim()}`;
