import { createHash } from "node:crypto";
import { z } from "zod";
import { type RayAddress, rayRequest, rayText } from "./ray-request.ts";
import { packWorkingDir } from "./working-dir.ts";

export type JobRequest = {
  /** The command, as the shell of the head's node runs it: `python main.py`. */
  entrypoint: string;
  /** A folder sent along; the command starts in it. */
  workingDir?: string;
  /** Environment variables of the job. */
  env?: Record<string, string>;
  /** A name of one's own; Ray makes one when it is left out. */
  submissionId?: string;
  metadata?: Record<string, string>;
  signal?: AbortSignal;
};

const submittedSchema = z.object({ submission_id: z.string() });

/** Submits a job to a running cluster as any Ray client would, and returns its submission id. */
export async function submitJob(at: RayAddress, job: JobRequest): Promise<string> {
  const withSignal = job.signal ? { signal: job.signal } : {};
  const runtimeEnv: Record<string, unknown> = {};
  if (job.env) runtimeEnv.env_vars = job.env;
  if (job.workingDir) runtimeEnv.working_dir = await uploadWorkingDir(at, job.workingDir, withSignal);
  const body = {
    entrypoint: job.entrypoint,
    runtime_env: runtimeEnv,
    ...(job.submissionId ? { submission_id: job.submissionId } : {}),
    ...(job.metadata ? { metadata: job.metadata } : {}),
  };
  const text = await rayText(at, {
    method: "POST",
    path: "/api/jobs/",
    body: Buffer.from(JSON.stringify(body)),
    ...withSignal,
  });
  return submittedSchema.parse(JSON.parse(text)).submission_id;
}

/** A package is named by its content, so the same folder travels once. */
async function uploadWorkingDir(
  at: RayAddress,
  folder: string,
  withSignal: { signal?: AbortSignal },
): Promise<string> {
  const packed = await packWorkingDir(folder);
  const name = `_ray_pkg_${createHash("sha256").update(packed).digest("hex").slice(0, 16)}.zip`;
  const path = `/api/packages/gcs/${name}`;
  const there = await rayRequest(at, { method: "GET", path, ...withSignal });
  there.resume();
  if (there.statusCode !== 200) {
    await rayText(at, {
      method: "PUT",
      path,
      body: packed,
      contentType: "application/octet-stream",
      ...withSignal,
    });
  }
  return `gcs://${name}`;
}
