import { problem } from "@ionet/protocol";
import { z } from "zod";
import { pause } from "../pause.ts";
import { isProblemText } from "../read-problem.ts";
import { rayProblem } from "./ray-problem.ts";
import { type RayAddress, type RayCall, rayAnswer, rayText } from "./ray-request.ts";

export const jobStatusSchema = z.enum(["PENDING", "RUNNING", "STOPPED", "SUCCEEDED", "FAILED"]);
export type JobStatus = z.infer<typeof jobStatusSchema>;

const jobSchema = z.object({
  submission_id: z.string(),
  status: jobStatusSchema,
  message: z.string().nullish(),
  entrypoint: z.string(),
  driver_exit_code: z.number().int().nullish(),
});

/** A job as Ray tells of it. `exitCode`: its command's, negative for a signal; null when there is none. */
export type Job = {
  id: string;
  status: JobStatus;
  message: string | null;
  entrypoint: string;
  exitCode: number | null;
};

/** A job now. Throws `not-found` where the cluster has no such job, and the gateway's problems. */
export async function readJob(at: RayAddress, id: string, signal?: AbortSignal): Promise<Job> {
  return toJob(
    JSON.parse(await jobText(at, id, { method: "GET", path: jobPath(id), ...(signal ? { signal } : {}) })),
  );
}

/** All jobs of a cluster. */
export async function listJobs(at: RayAddress): Promise<Job[]> {
  const answer = z
    .array(z.unknown())
    .parse(JSON.parse(await rayText(at, { method: "GET", path: "/api/jobs/" })));
  return answer.flatMap((one) => (jobSchema.safeParse(one).success ? [toJob(one)] : []));
}

/** Asks Ray to stop a job. Throws as `readJob` does. */
export async function stopJob(at: RayAddress, id: string): Promise<void> {
  await jobText(at, id, { method: "POST", path: `${jobPath(id)}/stop`, body: Buffer.from("{}") });
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

/** So many of a cluster's jobs are named to somebody who asks for another one. */
const JOBS_NAMED = 10;

async function jobText(at: RayAddress, id: string, call: RayCall): Promise<string> {
  const { status, text } = await rayAnswer(at, call);
  if (status >= 200 && status < 300) return text;
  throw await jobProblem(at, id, { status, text, call: `${call.method} ${call.path}` });
}

/** Why a call about one job came to nothing. Ray's own 404, unlike the gateway's, says only that there is none. */
export async function jobProblem(
  at: RayAddress,
  id: string,
  { status, text, call }: { status: number; text: string; call: string },
) {
  if (status !== 404 || isProblemText(text))
    return rayProblem(status, text, { call, field: "job", given: id });
  const ids = (await listJobs(at)).map((job) => job.id);
  const more = ids.length > JOBS_NAMED ? ` and ${ids.length - JOBS_NAMED} more` : "";
  return problem("not-found", {
    detail: `the cluster has no job ${id}`,
    field: "job",
    given: id,
    allowed:
      ids.length === 0
        ? "none: the cluster has no jobs yet"
        : `${ids.slice(0, JOBS_NAMED).join(", ")}${more}`,
    next: ids.length === 0 ? "Submit a job first." : "Name one of the cluster's jobs.",
  });
}

export const hasEnded = (job: Job) => job.status !== "PENDING" && job.status !== "RUNNING";
export const jobPath = (id: string) => `/api/jobs/${encodeURIComponent(id)}`;

function toJob(json: unknown): Job {
  const { submission_id, status, message, entrypoint, driver_exit_code } = jobSchema.parse(json);
  return {
    id: submission_id,
    status,
    message: message ?? null,
    entrypoint,
    exitCode: driver_exit_code ?? null,
  };
}
