import { canonicalGpuModel } from "@ionet/protocol";
import { XMLParser } from "fast-xml-parser";
import { z } from "zod";
import type { LocalGpu } from "./local-gpu.ts";

/** What `nvidia-smi -q -x` says: GPUs that can be hired, and one sentence for each that cannot. */
export type NvidiaReport = {
  gpus: LocalGpu[];
  problems: string[];
  driverVersion?: string;
  /** The newest CUDA that the driver can run. */
  cudaVersion?: string;
};

const text = z.string().optional();
const powerSchema = z.object({ power_limit: text, current_power_limit: text });
const gpuElementSchema = z.object({
  "@_id": z.string().default("unknown"),
  product_name: z.string().default(""),
  uuid: z.string().default(""),
  minor_number: text,
  mig_mode: z.object({ current_mig: text }).optional().catch(undefined),
  fb_memory_usage: z.object({ total: text }).optional().catch(undefined),
  // Drivers up to 525 write power_readings, later ones gpu_power_readings.
  power_readings: powerSchema.optional().catch(undefined),
  gpu_power_readings: powerSchema.optional().catch(undefined),
});
type GpuElement = z.infer<typeof gpuElementSchema>;

const logSchema = z.object({
  nvidia_smi_log: z.object({
    driver_version: text,
    cuda_version: text,
    gpu: z.array(gpuElementSchema).default([]),
  }),
});

const parser = new XMLParser({
  ignoreAttributes: false,
  parseTagValue: false,
  processEntities: false,
  isArray: (name, path) => name === "gpu" && path === "nvidia_smi_log.gpu",
});

/** Reads the XML of `nvidia-smi -q -x`, of any driver since 418. Throws when it is not that. */
export function parseNvidiaSmi(xml: string): NvidiaReport {
  const { nvidia_smi_log: log } = logSchema.parse(parser.parse(xml));
  const report: NvidiaReport = {
    gpus: [],
    problems: [],
    ...versionOf("driverVersion", log.driver_version),
    ...versionOf("cudaVersion", log.cuda_version),
  };
  for (const [index, element] of log.gpu.entries()) {
    const problem = whyNot(element);
    if (problem !== undefined) report.problems.push(`GPU ${index} (${element["@_id"]}): ${problem}`);
    else report.gpus.push(readGpu(index, element, log.driver_version));
  }
  return report;
}

/** Drivers before 418 say no CUDA version, some say N/A. */
const versionOf = (name: "driverVersion" | "cudaVersion", text: string | undefined) =>
  /^\d[\d.]{0,30}$/.test(text ?? "") ? { [name]: text } : {};

function whyNot(element: GpuElement): string | undefined {
  const words = [element.product_name, element.uuid, element.fb_memory_usage?.total ?? ""].join(" ");
  if (/gpu is lost/i.test(words)) return "the driver has lost it; reboot the machine";
  if (/ERR!|unknown error/i.test(words))
    return "it answers with errors (ERR!); reset it or reboot the machine";
  if (element.product_name === "" || !element.uuid.startsWith("GPU-")) return "it does not say what it is";
  if (mebibytes(element) === undefined) return "it does not say how much memory it has";
  if (element.mig_mode?.current_mig === "Enabled") {
    return "it is split by MIG, and only whole GPUs are hired; switch MIG off with nvidia-smi -mig 0";
  }
  return undefined;
}

function readGpu(index: number, element: GpuElement, driverVersion: string | undefined): LocalGpu {
  const vramMib = mebibytes(element) ?? 0;
  const power = element.gpu_power_readings ?? element.power_readings;
  const powerLimitWatts = leadingNumber(power?.current_power_limit ?? power?.power_limit);
  const minor = element.minor_number ?? `${index}`;
  return {
    index,
    uuid: element.uuid,
    model: canonicalGpuModel(element.product_name, vramMib),
    name: element.product_name,
    vramMib,
    simulated: false,
    ...(/^\d+$/.test(minor) ? { devicePath: `/dev/nvidia${minor}` } : {}),
    ...(powerLimitWatts === undefined ? {} : { powerLimitWatts }),
    ...(driverVersion === undefined ? {} : { driverVersion }),
  };
}

const mebibytes = (element: GpuElement) => leadingNumber(element.fb_memory_usage?.total);

/** "500.00 W" is 500; "N/A" and "[Not Supported]" are nothing. */
function leadingNumber(value: string | undefined): number | undefined {
  const number = Number.parseFloat(value ?? "");
  return Number.isFinite(number) && number > 0 ? number : undefined;
}
