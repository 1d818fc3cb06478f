import { isIPv4 } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { RAY_DASHBOARD, unusableSubmissionId } from "@ionet/protocol";
import { z } from "zod";
import { askRay, type RayOfCluster, wordsOf } from "./ask-ray.ts";

/*
 * Ray's own answers for a job's log read all of it as UTF-8: one byte that is none makes them 500 for good, and each asks
 * for the whole log again. So the gateway reads the file itself, as bytes and from any of them on: every Ray node serves
 * its log files over HTTP, with ranges.
 */

const jobSchema = z.object({
  status: z.string(),
  submission_id: z.string().nullish(),
  driver_agent_http_address: z.string().nullish(),
});

/** Whether a job runs no more, the Ray node that keeps its output (null before it has one), and as what. */
export type JobPlace = { hasEnded: boolean; address: string | null; submissionId: string };

/** What Ray answered when it was asked for a job: for whoever asked, as it is. */
export class RayRefused extends Error {
  override readonly name = "RayRefused";
  readonly status: number;

  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

/** Looks a job up, by its own name or by Ray's number of its driver. Throws RayRefused, and `cluster-unreachable`. */
export async function placeOfJob(ray: RayOfCluster, jobId: string): Promise<JobPlace> {
  const answer = await askRay(ray, RAY_DASHBOARD, `/api/jobs/${encodeURIComponent(jobId)}`);
  const text = await wordsOf(answer);
  const { statusCode = 502 } = answer;
  if (statusCode !== 200) throw new RayRefused(statusCode, text);
  const { status, submission_id, driver_agent_http_address: agent } = jobSchema.parse(JSON.parse(text));
  if (!submission_id) throw new RayRefused(400, "Can only get logs of submission type jobs");
  const host = agent ? new URL(agent).hostname : "";
  return {
    hasEnded: status !== "PENDING" && status !== "RUNNING",
    address: isIPv4(host) ? host : null,
    submissionId: submission_id,
  };
}

/** What a job has printed until now, from a byte on. Nothing where it has not printed so much. */
export async function* readJobLog(
  ray: RayOfCluster,
  { address, submissionId }: JobPlace,
  fromByte: number,
): AsyncGenerator<Buffer> {
  // A name that is a path leads elsewhere.
  if (address === null || unusableSubmissionId(submissionId) !== null) return;
  const path = `/logs/job-driver-${encodeURIComponent(submissionId)}.log`;
  const answer = await askRay(ray, address, path, fromByte > 0 ? { range: `bytes=${fromByte}-` } : {});
  const { statusCode } = answer;
  if (statusCode === 404 || statusCode === 416) {
    answer.destroy();
    return;
  }
  if (statusCode !== (fromByte > 0 ? 206 : 200))
    throw new RayRefused(statusCode ?? 502, await wordsOf(answer));
  yield* answer;
}

export type FollowLog = {
  fromByte: number;
  /** Ended there: a follower asks again from the byte that it has reached, and sees so that somebody is there. */
  quietMs: number;
  signal: AbortSignal;
};

const LOOK_AGAIN_MS = 500;

/** A job's output as it comes, from a byte on, until the job has ended and all of it is read, or nothing came for a while. */
export async function* followJobLog(
  ray: RayOfCluster,
  jobId: string,
  { fromByte, quietMs, signal }: FollowLog,
): AsyncGenerator<Buffer> {
  let at = fromByte;
  let quiet = 0;
  while (!signal.aborted && quiet < quietMs) {
    // Looked up before it is read: what an ended job has printed is all there.
    const place = await placeOfJob(ray, jobId);
    const before = at;
    for await (const chunk of readJobLog(ray, place, at)) {
      at += chunk.length;
      yield chunk;
    }
    if (place.hasEnded) return;
    quiet = at > before ? 0 : quiet + LOOK_AGAIN_MS;
    await sleep(LOOK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
  }
}
