import { problem, unusableSubmissionId } from "@ionet/protocol";
import { z } from "zod";
import type { LeftOutEntry } from "./list-folder.ts";
import { type RayAddress, rayRequest, rayText } from "./ray-request.ts";
import { type PackProgress, packWorkingDir } from "./working-dir.ts";

export type JobRequest = {
  /** The command, as the shell of the head's node runs it: `python main.py`. */
  entrypoint: string;
  /** A folder sent along, as Ray's own client packs it, or a zip file; the command starts in it. */
  workingDir?: string;
  /** Left out of the folder beside what `.gitignore` and `.rayignore` say, in their language. */
  excludes?: readonly string[];
  /** Whether `.gitignore` counts; true when left out. */
  gitignore?: boolean;
  /** Environment variables of the job. */
  env?: Record<string, string>;
  /** A name of one's own; Ray makes one when it is left out. */
  submissionId?: string;
  metadata?: Record<string, string>;
  signal?: AbortSignal;
  onProgress?: (progress: SubmitProgress) => void;
  /** What of the folder can't be sent, and why. */
  onLeftOut?: (left: LeftOutEntry) => void;
};

export type SubmitProgress = PackProgress | { step: "uploading"; sentBytes: number; bytes: number };

const submittedSchema = z.object({ submission_id: z.string() });

/**
 * Submits a job to a running cluster as any Ray client would, and returns its submission id. Throws `invalid-request`
 * before anything is sent for a name that could not be followed and for a folder that can't be packed.
 */
export async function submitJob(at: RayAddress, job: JobRequest): Promise<string> {
  const withSignal = job.signal ? { signal: job.signal } : {};
  const refused = job.submissionId === undefined ? null : unusableSubmissionId(job.submissionId);
  if (refused !== null) throw refused;
  if (job.entrypoint.trim() === "") throw noCommand(job.entrypoint);
  const runtimeEnv: Record<string, unknown> = {};
  if (job.env) runtimeEnv.env_vars = job.env;
  if (job.workingDir !== undefined) runtimeEnv.working_dir = await uploadWorkingDir(at, job.workingDir, job);
  const body = {
    entrypoint: job.entrypoint,
    runtime_env: runtimeEnv,
    ...(job.submissionId === undefined ? {} : { submission_id: job.submissionId }),
    ...(job.metadata ? { metadata: job.metadata } : {}),
  };
  const call = { method: "POST", path: "/api/jobs/", body: Buffer.from(JSON.stringify(body)) } as const;
  const named = job.submissionId === undefined ? {} : { field: "submission_id", given: job.submissionId };
  return submittedSchema.parse(JSON.parse(await rayText(at, { ...call, ...withSignal }, named)))
    .submission_id;
}

/** A package is named by its content, so the same folder travels once. */
async function uploadWorkingDir(at: RayAddress, path: string, job: JobRequest): Promise<string> {
  const { name, archive } = await packWorkingDir(path, job);
  const url = `/api/packages/gcs/${name}`;
  const withSignal = job.signal ? { signal: job.signal } : {};
  if (!(await isThere(at, url, withSignal))) {
    await rayText(at, {
      method: "PUT",
      path: url,
      body: archive,
      contentType: "application/octet-stream",
      onSent: (sentBytes) => job.onProgress?.({ step: "uploading", sentBytes, bytes: archive.length }),
      ...withSignal,
    });
    // Asking for it keeps it: Ray drops what nobody uses ten minutes after it was asked for, and a slow upload takes longer.
    await isThere(at, url, withSignal);
  }
  return `gcs://${name}`;
}

async function isThere(at: RayAddress, path: string, withSignal: { signal?: AbortSignal }): Promise<boolean> {
  const answer = await rayRequest(at, { method: "GET", path, ...withSignal });
  answer.resume();
  return answer.statusCode === 200;
}

const noCommand = (given: string) =>
  problem("invalid-request", {
    detail: "the command is empty",
    field: "entrypoint",
    given: JSON.stringify(given),
    allowed: "a line for a shell, like python main.py",
    next: "Say what is to run.",
  });
