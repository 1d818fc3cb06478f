import { errorText } from "@ionet/machine";
import type { EndReason } from "@ionet/protocol";
import { MachineProblem, type MachineProblemCode } from "../environment/machine-problem.ts";

/** Why a lease could not go on, with words for the engineer's eyes. */
export type LeaseEnd = { reason: EndReason; detail: string | null };

const LONGEST_DETAIL = 500;

const reasons: Partial<Record<MachineProblemCode, EndReason>> = {
  "python-missing": "environment-failed",
  "python-too-old": "environment-failed",
  "venv-missing": "environment-failed",
  "install-failed": "environment-failed",
  "disk-full": "disk-full",
  "port-taken": "ports-taken",
};

/** What an error on the way to a running Ray node means to the cluster. */
export function leaseEndOf(error: unknown): LeaseEnd {
  const reason = error instanceof MachineProblem ? reasons[error.code] : undefined;
  const words = errorText(error);
  return { reason: reason ?? "ray-failed-to-start", detail: words.slice(0, LONGEST_DETAIL) };
}
