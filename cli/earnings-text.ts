import { type Earnings, formatUnits } from "@ionet/protocol";
import { bar, scale } from "./bar.ts";
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

/** Which tariff was taken: whose, of when, how sure it is; its source stands among what is published. */
function tariffText({ microUsdPerKwh, customer, period, reliability }: Earnings["tariff"]): string {
  const kwh = `electricity ${priceText(BigInt(microUsdPerKwh))} per kWh`;
  return customer === "yours"
    ? `${kwh}, as given`
    : `${kwh}: ${customer} tariff of ${period} (${reliability}; source below)`;
}

const BAR = 40;

/** What is left of both days as bars of one scale, and where on the day's hired share renting begins to win. */
function picture({ renting, mining, hiredBps, breakEven }: Earnings): string[] {
  const [rented, mined] = [renting.netMicroUsd, mining.netMicroUsd];
  const most = rented > mined ? rented : mined;
  const line = (name: string, net: bigint) =>
    `${name.padEnd(8)} ${bar(net, most, BAR)}${net > 0n ? " " : ""}${perDay(net)} a day`;
  const marks = [
    ...(breakEven.hiredBps === null ? [] : [{ bps: breakEven.hiredBps, mark: "┃" }]),
    { bps: hiredBps, mark: "●" },
  ];
  const wins =
    breakEven.hiredBps === null ? "renting never wins at this price" : "┃ renting wins from here on";
  return [
    line("renting", rented),
    line("mining", mined),
    `hired    ${scale(marks, BAR)} 0 to 100 % of the day; ● yours, ${wins}`,
  ];
}

/** A card's day renting beside its day mining, and what of it is known. */
export function earningsText(earnings: Earnings): string {
  const { renting, mining, tariff } = earnings;
  return [
    `${earnings.gpuModel} in ${earnings.country}, a day of 24 h`,
    tariffText(tariff),
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
    ...picture(earnings),
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
