import type { Share } from "@ionet/placement";
import { type Demand, dollarRate, formatUnits, leaseBudget, type Problem, problem } from "@ionet/protocol";

/** Limits that no market could keep to. Throws `invalid-request`. */
export function checkDemand(demand: Demand): void {
  const { gpuCount, minSuppliers, maxSuppliers, maxNodes } = demand;
  const most = [
    { what: "gpuCount", count: gpuCount, why: "each supplier gives at least one GPU" },
    { what: "maxSuppliers", count: maxSuppliers, why: "at least so many suppliers can't be at most so many" },
    { what: "maxNodes", count: maxNodes, why: "each supplier gives at least one node" },
  ];
  for (const { what, count, why } of most) {
    if (count === undefined || minSuppliers <= count) continue;
    throw problem("invalid-request", {
      detail: why,
      field: "minSuppliers",
      given: String(minSuppliers),
      allowed: `at most ${what}, ${count}`,
      next: `Ask for fewer suppliers, or for a larger ${what}.`,
    });
  }
}

/** The whole must not cost more than the budget, to the last second: `supply-insufficient` when it does, else null. */
export function budgetProblem(
  shares: readonly Share[],
  { maxBudgetMicroUsd, durationSeconds }: Demand,
): Problem | null {
  if (maxBudgetMicroUsd === undefined) return null;
  const cost = shares.reduce(
    (total, { offer, gpus }) =>
      total + leaseBudget(dollarRate(offer.priceMicroUsdPerGpuHour, gpus.length), durationSeconds),
    0n,
  );
  if (cost <= maxBudgetMicroUsd) return null;
  return problem("supply-insufficient", {
    detail: `the cheapest that can be had now costs $${formatUnits(cost, 6)} for ${durationSeconds} s`,
    field: "maxBudgetMicroUsd",
    given: maxBudgetMicroUsd.toString(),
    allowed: `at least ${cost} now`,
    next: "Ask for less time or fewer GPUs, raise the budget, or wait for cheaper offers.",
  });
}
