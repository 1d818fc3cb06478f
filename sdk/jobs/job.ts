import { z } from "zod";
import { pause } from "../pause.ts";
import { type RayAddress, rayText } from "./ray-request.ts";

export const jobStatusSchema = z.enum(["PENDING", "RUNNING", "STOPPED", "SUCCEEDED", "FAILED"]);
export type JobStatus = z.infer<typeof jobStatusSchema>;

const jobSchema = z.object({
  submission_id: z.string(),
  status: jobStatusSchema,
  message: z.string().nullish(),
  entrypoint: z.string(),
});

/** A job as Ray tells of it. */
export type Job = { id: string; status: JobStatus; message: string | null; entrypoint: string };

/** A job now. Throws `not-found`-like problems of the gateway and of Ray. */
export async function readJob(at: RayAddress, id: string, signal?: AbortSignal): Promise<Job> {
  return toJob(
    JSON.parse(await rayText(at, { method: "GET", path: jobPath(id), ...(signal ? { signal } : {}) })),
  );
}

/** All jobs of a cluster. */
export async function listJobs(at: RayAddress): Promise<Job[]> {
  const answer = z
    .array(z.unknown())
    .parse(JSON.parse(await rayText(at, { method: "GET", path: "/api/jobs/" })));
  return answer.flatMap((one) => (jobSchema.safeParse(one).success ? [toJob(one)] : []));
}

/** All that a job has printed so far. */
export async function readLogs(at: RayAddress, id: string, signal?: AbortSignal): Promise<string> {
  const text = await rayText(at, {
    method: "GET",
    path: `${jobPath(id)}/logs`,
    ...(signal ? { signal } : {}),
  });
  return z.object({ logs: z.string() }).parse(JSON.parse(text)).logs;
}

/** Asks Ray to stop a job. */
export async function stopJob(at: RayAddress, id: string): Promise<void> {
  await rayText(at, { method: "POST", path: `${jobPath(id)}/stop`, body: Buffer.from("{}") });
}

/** Waits until a job has ended, however it ended. */
export async function waitForJob(
  at: RayAddress,
  id: string,
  options: { signal?: AbortSignal; pollMs?: number } = {},
): Promise<Job> {
  for (;;) {
    const job = await readJob(at, id, options.signal);
    if (hasEnded(job)) return job;
    await pause(options.pollMs ?? 500, options.signal);
  }
}

/**
 * A job's output as it comes, line by line, until the job has ended. Polls: what Ray's log WebSocket sends comes in
 * batches some seconds late, and a poll survives a gateway that restarts meanwhile.
 */
export async function* followLogs(
  at: RayAddress,
  id: string,
  options: { signal?: AbortSignal; pollMs?: number } = {},
): AsyncGenerator<string, Job> {
  let seen = 0;
  for (;;) {
    const job = await readJob(at, id, options.signal);
    const text = await readLogs(at, id, options.signal);
    const end = hasEnded(job) ? text.length : text.lastIndexOf("\n") + 1;
    if (end > seen) {
      yield* text.slice(seen, end).replace(/\n$/, "").split("\n");
      seen = end;
    }
    if (hasEnded(job)) return job;
    await pause(options.pollMs ?? 400, options.signal);
  }
}

const hasEnded = (job: Job) => job.status !== "PENDING" && job.status !== "RUNNING";
const jobPath = (id: string) => `/api/jobs/${encodeURIComponent(id)}`;

function toJob(json: unknown): Job {
  const { submission_id, status, message, entrypoint } = jobSchema.parse(json);
  return { id: submission_id, status, message: message ?? null, entrypoint };
}
