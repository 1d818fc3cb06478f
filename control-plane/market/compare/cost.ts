import { type Cost, microUsd, microUsdPerGpuHour } from "@ionet/protocol";
import { costAt, type PrintedPrice } from "../catalogue/cloud-prices.ts";
import type { ComparedJob } from "./job.ts";

/** What the job costs at a price. */
export function costOf(price: PrintedPrice, job: ComparedJob): Cost {
  const cost = (hours: number) => microUsd(costAt(price, job.gpuCount, hours));
  return {
    priceMicroUsdPerGpuHour: microUsdPerGpuHour(costAt(price, 1, 1)),
    microUsdPerHour: cost(1),
    microUsdPerDay: cost(job.hoursPerDay),
    microUsdForJob: cost(job.hoursPerDay * job.days),
  };
}
