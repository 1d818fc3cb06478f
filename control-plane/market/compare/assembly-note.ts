import { type Assembly, formatUnits, type LeftOut } from "@ionet/protocol";
import type { ComparedJob } from "./job.ts";

const DAY_SECONDS = 86_400;

const reasons: Readonly<Record<LeftOut, string>> = {
  duration: "not for so long",
  currency: "not for USDC",
  reserved: "reserved for who waits for them",
  confinement: "that can't be joined to these",
  size: "more than one cluster holds",
  model: "of another model",
};

/** An assembly in words: what can be had now, what is assumed, what is free besides, and what a shorter lease would bring. */
export function assemblyNote(assembly: Omit<Assembly, "note">, job: ComparedJob): string {
  const { gpuModel, enough, gpus, suppliers, nodes, leaseSeconds, assumed, leftOut, shorter } = assembly;
  const source = `from ${counted(suppliers, "supplier")} on ${counted(nodes, "node")}`;
  const lease = `in one lease of ${lengthText(leaseSeconds)}`;
  const had = enough ? `all ${gpus}` : `${gpus} of ${job.gpuCount}`;
  const assumedText =
    assumed === null
      ? []
      : [
          `the other ${assumed.gpus} are assumed at ${usd(assumed.priceMicroUsdPerGpuHour)} each, the dearest that so many would take`,
        ];
  const besides = leftOut.map((one) => `${one.gpus} ${reasons[one.why]}`);
  return [
    gpus === 0
      ? `none of ${job.gpuCount} ${gpuModel} can be had now ${lease}`
      : `${had} ${gpuModel} can be had now, ${source}, ${lease}`,
    ...assumedText,
    ...(besides.length === 0 ? [] : [`free besides: ${besides.join(", ")}`]),
    ...(shorter === null
      ? []
      : [
          `all ${job.gpuCount} can be had for at most ${lengthText(shorter.leaseSeconds)}, at ${usd(shorter.microUsdPerHour)} an hour`,
        ]),
    ...moreLeases(job, leaseSeconds),
  ].join("; ");
}

/** A job that one lease does not last for. */
function moreLeases({ days, hoursPerDay }: ComparedJob, leaseSeconds: number): string[] {
  if (days * hoursPerDay * 3600 <= leaseSeconds) return [];
  return hoursPerDay === 24
    ? ["no lease is longer: what comes after it is quoted then"]
    : ["each day's lease is quoted on its day"];
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;

const usd = (amount: bigint) => `$${formatUnits(amount, 6)}`;

/** 25 d, 10 h, 5 h 30 min; minutes are cut. */
function lengthText(seconds: number): string {
  const [days, hours, minutes] = [
    Math.floor(seconds / DAY_SECONDS),
    Math.floor((seconds % DAY_SECONDS) / 3600),
    Math.floor((seconds % 3600) / 60),
  ];
  const parts = [`${days} d`, `${hours} h`, `${minutes} min`].filter((part) => !part.startsWith("0 "));
  return parts.length === 0 ? `${seconds} s` : parts.join(" ");
}
