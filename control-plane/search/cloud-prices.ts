import { type CloudPrice, microUsdPerGpuHour, parseUnits } from "@ionet/protocol";

/*
 * What clouds ask on demand, as facts with their date and source. One row is one machine or one GPU, in USD for all its
 * GPUs for `hours`; the price per GPU-hour is computed, rounded down. The lists are read by people: check the date.
 */
type Row = [
  provider: string,
  gpuModel: string,
  usd: string,
  gpus: number,
  hours: number,
  asOf: string,
  source: string,
];

const vantage = "2025-11-30";
const pages = "2026-05-24";
const lists = "2026-06-15";
const ec2 = (type: string) => `${type} on demand, us-east-1 (instances.vantage.sh)`;

const rows: readonly Row[] = [
  ["AWS", "b200", "113.9328", 8, 1, vantage, ec2("p6-b200.48xlarge")],
  ["AWS", "h200", "63.296", 8, 1, vantage, ec2("p5en.48xlarge")],
  ["AWS", "h100-80gb", "55.04", 8, 1, vantage, ec2("p5.48xlarge")],
  ["AWS", "a100-80gb", "27.44705", 8, 1, vantage, ec2("p4de.24xlarge")],
  ["AWS", "a100-40gb", "21.957642", 8, 1, vantage, ec2("p4d.24xlarge")],
  [
    "AWS",
    "a100-40gb",
    "59.78",
    1,
    24,
    "2023",
    "the network's own launch story: $59.78 a day for one A100 40 GB",
  ],
  ["AWS", "l40s", "1.861", 1, 1, vantage, ec2("g6e.xlarge")],
  ["AWS", "l4", "0.8048", 1, 1, vantage, ec2("g6.xlarge")],
  ["AWS", "t4", "0.526", 1, 1, vantage, ec2("g4dn.xlarge")],
  ["AWS", "v100-16gb", "3.06", 1, 1, vantage, ec2("p3.2xlarge")],
  ["AWS", "v100-32gb", "31.212", 8, 1, vantage, ec2("p3dn.24xlarge")],
  ["GCP", "b200", "16.11", 1, 1, lists, "A4 slice of one GPU, us-central1, Google Cloud price list"],
  ["GCP", "h200", "9.3117", 1, 1, lists, "GPU alone, us-central1, Google Cloud price list"],
  ["GCP", "h100-80gb", "9.7966", 1, 1, lists, "GPU alone, us-central1, Google Cloud price list"],
  ["GCP", "a100-80gb", "3.9281", 1, 1, lists, "GPU alone, us-central1, Google Cloud price list"],
  ["GCP", "a100-40gb", "2.9339", 1, 1, lists, "GPU alone, us-central1, Google Cloud price list"],
  ["Azure", "h200", "84.8", 8, 1, lists, "ND96isr_H200_v5, eastus2, Azure price list"],
  ["Azure", "h100-80gb", "98.32", 8, 1, lists, "ND96isr_H100_v5, eastus, Azure price list"],
  ["Azure", "a100-80gb", "3.673", 1, 1, lists, "NC24ads_A100_v4, eastus, Azure price list"],
  ["Lambda", "b200", "6.99", 1, 1, pages, "https://lambda.ai/pricing"],
  ["Lambda", "h100-80gb", "4.29", 1, 1, pages, "SXM, https://lambda.ai/pricing"],
  ["Lambda", "a100-40gb", "1.99", 1, 1, pages, "https://lambda.ai/pricing"],
  [
    "CoreWeave",
    "h100-80gb",
    "4.76",
    1,
    1,
    pages,
    "HGX, GPU alone, https://www.coreweave.com/pricing/classic",
  ],
  ["CoreWeave", "a100-80gb", "2.21", 1, 1, pages, "GPU alone, https://www.coreweave.com/pricing/classic"],
  ["CoreWeave", "a100-40gb", "2.06", 1, 1, pages, "GPU alone, https://www.coreweave.com/pricing/classic"],
  ["CoreWeave", "v100-16gb", "0.80", 1, 1, pages, "GPU alone, https://www.coreweave.com/pricing/classic"],
  ["RunPod", "b200", "5.89", 1, 1, pages, "secure cloud, https://www.runpod.io/pricing"],
  ["RunPod", "h200", "4.39", 1, 1, pages, "secure cloud, https://www.runpod.io/pricing"],
  ["RunPod", "h100-80gb", "3.29", 1, 1, pages, "SXM, secure cloud, https://www.runpod.io/pricing"],
  ["RunPod", "a100-80gb", "1.49", 1, 1, pages, "SXM, secure cloud, https://www.runpod.io/pricing"],
  ["RunPod", "rtx-4090", "0.69", 1, 1, pages, "secure cloud, https://www.runpod.io/pricing"],
  ["RunPod", "l40s", "0.79", 1, 1, pages, "community cloud, https://www.runpod.io/pricing"],
  ["RunPod", "rtx-5090", "0.69", 1, 1, pages, "community cloud, https://www.runpod.io/pricing"],
  ["RunPod", "l4", "0.44", 1, 1, pages, "community cloud, https://www.runpod.io/pricing"],
  ["RunPod", "rtx-3090", "0.22", 1, 1, pages, "community cloud, https://www.runpod.io/pricing"],
];

const USD_DECIMALS = 6;

function toPrice([provider, gpuModel, usd, gpus, hours, asOf, source]: Row): CloudPrice {
  const microUsd = parseUnits(usd, USD_DECIMALS);
  if (microUsd === null)
    throw new Error(`the catalogue's price of ${provider} ${gpuModel} is no number: ${usd}`);
  const priceMicroUsdPerGpuHour = microUsdPerGpuHour(microUsd / BigInt(gpus * hours));
  return { provider, gpuModel, priceMicroUsdPerGpuHour, asOf, source };
}

/** The dated catalogue, in the order of the table: AWS first. */
export const cloudPrices: readonly CloudPrice[] = rows.map(toPrice);

/** What clouds ask for this model; all models when none is given. */
export const cloudPricesOf = (gpuModel?: string): CloudPrice[] =>
  cloudPrices.filter((price) => gpuModel === undefined || price.gpuModel === gpuModel);
