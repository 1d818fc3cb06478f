/** Jobs on a cluster, with the folders they take along: files and Node's own HTTP, so the entry `@ionet/sdk/node`. */
export { type Job, type JobStatus, listJobs, readJob, stopJob, waitForJob } from "./jobs/job.ts";
export {
  type FollowOutputOptions,
  followLogs,
  followOutput,
  type OutputOptions,
  readLogs,
  readOutput,
} from "./jobs/job-output.ts";
export type { LeftOutEntry } from "./jobs/list-folder.ts";
export { causeOf } from "./jobs/ray-problem.ts";
export type { RayAddress } from "./jobs/ray-request.ts";
export { type JobRequest, type SubmitProgress, submitJob } from "./jobs/submit-job.ts";
export { watchTimeWarnings } from "./jobs/time-warnings.ts";
export type { UnreadableBytes } from "./jobs/utf8-text.ts";
