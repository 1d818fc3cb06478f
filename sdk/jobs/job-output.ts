import type { IncomingMessage } from "node:http";
import { Problem, problem } from "@ionet/protocol";
import { type SdkClock, systemClock } from "../clock.ts";
import { pause } from "../pause.ts";
import { hasEnded, type Job, jobPath, jobProblem, readJob } from "./job.ts";
import { type RayAddress, rayRequest, unanswered } from "./ray-request.ts";
import { createUtf8Reader, type UnreadableBytes } from "./utf8-text.ts";

export type OutputOptions = {
  signal?: AbortSignal;
  /** At the end, where some of the bytes were no UTF-8 and are U+FFFD in the text. */
  onUnreadable?: (bytes: UnreadableBytes) => void;
};

export type FollowOutputOptions = OutputOptions & {
  /** The gateway or the head does not answer, and is asked again after so many ms. */
  onLost?: (problem: Problem, againMs: number) => void;
  /** How long it may not answer before that is thrown, in ms; 15 minutes when left out. */
  patienceMs?: number;
  /** Asked when the token has run out: the address with a new one. */
  renew?: () => Promise<RayAddress>;
  /** The first pause before it is asked again, in ms; each is twice as long as the one before, up to 5 s. */
  firstPauseMs?: number;
  clock?: SdkClock;
};

const PATIENCE_MS = 15 * 60_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
/** A node that is gone took its part of the output along. */
const TRIES_FOR_THE_REST = 5;

/** All that a job has printed so far, as text in pieces of any length. Throws as `readJob` does. */
export async function* readOutput(
  at: RayAddress,
  id: string,
  options: OutputOptions = {},
): AsyncGenerator<string> {
  const text = createUtf8Reader();
  const answer = await openOutput(at, id, { fromByte: 0, isFollowed: false, ...options });
  for await (const chunk of bytesOf(at, answer, options.signal)) yield text.read(chunk);
  yield text.end();
  const unreadable = text.unreadable();
  if (unreadable) options.onUnreadable?.(unreadable);
}

/** More is not held in memory as one text. */
const LOG_LIMIT = 128 * 1024 * 1024;

/** All that a job has printed so far. Throws as `readJob` does, and `body-too-large` over 128 Mi characters. */
export async function readLogs(at: RayAddress, id: string, signal?: AbortSignal): Promise<string> {
  const pieces: string[] = [];
  let length = 0;
  for await (const piece of readOutput(at, id, signal ? { signal } : {})) {
    pieces.push(piece);
    length += piece.length;
    if (length > LOG_LIMIT) {
      throw problem("body-too-large", {
        detail: "the job has printed more than can be read as one text",
        field: "job",
        given: id,
        allowed: `${LOG_LIMIT} characters`,
        next: "Read it piece by piece: readOutput, or `ionet logs`.",
      });
    }
  }
  return pieces.join("");
}

/**
 * A job's output as it comes, as text in pieces of any length, until the job has ended; returns the job. Every byte travels
 * once: a follower that was cut off, by a restart of the control plane or of the head's tunnel, goes on where it was.
 *
 * @example
 * for await (const piece of followOutput(at, id)) process.stdout.write(piece);
 */
export async function* followOutput(
  at: RayAddress,
  id: string,
  options: FollowOutputOptions = {},
): AsyncGenerator<string, Job> {
  const { signal, patienceMs = PATIENCE_MS, firstPauseMs = FIRST_PAUSE_MS, clock = systemClock } = options;
  const text = createUtf8Reader();
  let [address, fromByte, pauseMs, triesForTheRest] = [at, 0, firstPauseMs, 0];
  let answeredMs = clock.now();
  let job: Job | undefined;
  for (;;) {
    try {
      job = undefined;
      // Looked up before its output is read: what an ended job has printed is all there.
      job = await readJob(address, id, signal);
      answeredMs = clock.now();
      const answer = await openOutput(address, id, { fromByte, isFollowed: !hasEnded(job), ...options });
      for await (const chunk of bytesOf(address, answer, signal)) {
        fromByte += chunk.length;
        pauseMs = firstPauseMs;
        yield text.read(chunk);
      }
      answeredMs = clock.now();
      if (hasEnded(job)) break;
    } catch (error) {
      if (signal?.aborted || !(error instanceof Problem)) throw error;
      if (error.code === "unauthenticated" && options.renew && pauseMs < LONGEST_PAUSE_MS)
        address = await options.renew();
      else if (!mayPass(error) || clock.now() - answeredMs > patienceMs) throw error;
      if (job && hasEnded(job) && ++triesForTheRest >= TRIES_FOR_THE_REST) break;
      options.onLost?.(error, pauseMs);
      await pause(pauseMs, signal);
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
  }
  yield text.end();
  const unreadable = text.unreadable();
  if (unreadable) options.onUnreadable?.(unreadable);
  return job;
}

/** A longer line comes in parts. */
const LONGEST_LINE = 1024 * 1024;

/** A job's output line by line, as followOutput has it; a line of more than a million characters comes in parts. */
export async function* followLogs(
  at: RayAddress,
  id: string,
  options: FollowOutputOptions = {},
): AsyncGenerator<string, Job> {
  let job: Job | undefined;
  const pieces = (async function* () {
    job = yield* followOutput(at, id, options);
  })();
  let rest = "";
  for await (const piece of pieces) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
    if (rest.length <= LONGEST_LINE) continue;
    yield rest;
    rest = "";
  }
  if (rest !== "") yield rest;
  if (job === undefined) throw new Error("followed to its end without a job");
  return job;
}

/** Faults of the way, or of a moment. */
const mayPass = ({ code }: Problem): boolean =>
  ["cluster-unreachable", "unavailable", "internal", "rate-limited", "ray-failed"].includes(code);

async function openOutput(
  at: RayAddress,
  id: string,
  from: { fromByte: number; isFollowed: boolean; signal?: AbortSignal },
): Promise<IncomingMessage> {
  const query = `from=${from.fromByte}${from.isFollowed ? "&follow=true" : ""}`;
  const call = { method: "GET", path: `${jobPath(id)}/logs?${query}`, accept: "text/plain" } as const;
  const answer = await rayRequest(at, { ...call, ...(from.signal ? { signal: from.signal } : {}) });
  if (answer.statusCode === 200) return answer;
  let words = "";
  for await (const chunk of answer.setEncoding("utf8")) words += chunk;
  throw await jobProblem(at, id, {
    status: answer.statusCode ?? 0,
    text: words,
    call: `${call.method} ${call.path}`,
  });
}

/** An answer's bytes; where it breaks off, `cluster-unreachable`. */
async function* bytesOf(
  at: RayAddress,
  answer: IncomingMessage,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of answer) yield chunk;
  } catch (error) {
    if (signal?.aborted || !(error instanceof Error)) throw error;
    throw unanswered(at, error);
  }
}
