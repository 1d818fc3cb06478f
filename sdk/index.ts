export { type CallInput, createIonet, type Ionet, type IonetOptions } from "./client.ts";
export {
  followLogs,
  type Job,
  type JobStatus,
  listJobs,
  readJob,
  readLogs,
  stopJob,
  waitForJob,
} from "./jobs/job.ts";
export type { RayAddress } from "./jobs/ray-request.ts";
export { type JobRequest, submitJob } from "./jobs/submit-job.ts";
export { type OpenedEscrow, openEscrow } from "./open-escrow.ts";
export { pause } from "./pause.ts";
export {
  type Balances,
  type Proof,
  proveSettlement,
  readBalances,
  waitForSettlement,
} from "./read-settlement.ts";
export { type RentEvent, type Rented, type RentOptions, rent, type Wanted, waitForCluster } from "./rent.ts";
export { type SignedIn, signIn } from "./sign-in.ts";
