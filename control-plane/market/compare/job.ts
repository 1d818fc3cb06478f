import { LEASE_SECONDS } from "@ionet/protocol";

/** What is compared: so many GPUs of any of these models, so long. */
export type ComparedJob = {
  gpuModels: readonly string[];
  gpuCount: number;
  days: number;
  hoursPerDay: number;
};

const HOUR_SECONDS = 3600;
const HOURS_A_DAY = 24;

/**
 * The lease that the job needs now: the whole of it where it runs day and night, else today's hours. No lease is longer
 * than the longest that there is; then the job needs another one after it.
 */
export const leaseSecondsOf = ({ days, hoursPerDay }: ComparedJob): number =>
  Math.min(LEASE_SECONDS.most, (hoursPerDay === HOURS_A_DAY ? days : 1) * hoursPerDay * HOUR_SECONDS);
