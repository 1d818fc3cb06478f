import { type Earnings, formatUnits } from "@ionet/protocol";
import { priceText, roundToCents } from "./money-text.ts";
import { table } from "./table.ts";

const perDay = (microUsd: bigint) =>
  microUsd < 0n ? `-${priceText(roundToCents(-microUsd))}` : priceText(roundToCents(microUsd));
const percent = (bps: number) => `${formatUnits(BigInt(bps), 2).replace(/\.?0+$/, "")} %`;

function breakEvenText({ breakEven, hiredBps, priceMicroUsdPerGpuHour }: Earnings): string {
  const { priceMicroUsdPerGpuHour: price, hiredBps: share, against } = breakEven;
  const better =
    against === "mining" ? "renting beats mining" : "renting beats being switched off (mining loses money)";
  return [
    price === null
      ? `hired ${percent(hiredBps)} of the day, no price makes ${better.replace("beats", "beat")}`
      : `hired ${percent(hiredBps)} of the day, ${better} from ${priceText(roundUpToMill(price))} per GPU-hour on`,
    share === null
      ? `at ${priceText(priceMicroUsdPerGpuHour)} not even when it is hired all day`
      : `at ${priceText(priceMicroUsdPerGpuHour)} from ${percent(share)} of the day on`,
  ].join("; ");
}

const roundUpToMill = (microUsd: bigint) => ((microUsd + 999n) / 1000n) * 1000n;

/** A card's day renting beside its day mining, and what of it is known. */
export function earningsText(earnings: Earnings): string {
  const { renting, mining, tariff } = earnings;
  const kwh = priceText(BigInt(tariff.microUsdPerKwh));
  return [
    `${earnings.gpuModel} in ${earnings.country}, a day of 24 h; electricity ${kwh} per kWh (${tariff.customer}, ${tariff.period})`,
    "",
    table(
      ["a day", ">brings", ">fee", ">electricity", ">left"],
      [
        [
          `renting at ${priceText(earnings.priceMicroUsdPerGpuHour)}, hired ${percent(earnings.hiredBps)}`,
          perDay(renting.grossMicroUsd),
          perDay(renting.feeMicroUsd),
          perDay(renting.electricityMicroUsd),
          perDay(renting.netMicroUsd),
        ],
        [
          `mining (${mining.basis}, ${mining.period}, ${mining.watts} W)`,
          perDay(mining.grossMicroUsd),
          "",
          perDay(mining.electricityMicroUsd),
          perDay(mining.netMicroUsd),
        ],
      ],
    ),
    "",
    `break-even: ${breakEvenText(earnings)}`,
    ...(earnings.gainPercent === null
      ? []
      : [
          `before electricity renting brings ${earnings.gainPercent >= 0 ? "+" : ""}${earnings.gainPercent} % against mining`,
        ]),
    ...(earnings.clouds.length === 0
      ? []
      : [
          `clouds ask engineers a day: ${earnings.clouds
            .map(
              (cloud) => `${cloud.provider} ${perDay(cloud.priceMicroUsdPerGpuHour * 24n)} (${cloud.asOf})`,
            )
            .join(", ")}`,
        ]),
    "",
    "measured or published:",
    ...earnings.facts.map((fact) => `  ${fact}`),
    "estimated:",
    ...earnings.estimates.map((estimate) => `  ${estimate}`),
  ].join("\n");
}
