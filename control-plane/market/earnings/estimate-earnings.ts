import {
  type Answer,
  type Call,
  findGpuModel,
  type GpuModel,
  gpuBoard,
  microUsd,
  unknownGpuModel,
} from "@ionet/protocol";
import { cloudPricesOf } from "../catalogue/cloud-prices.ts";
import { type Tariff, tariffOf } from "../catalogue/electricity.ts";
import { type MiningRevenue, miningRevenueOf } from "../catalogue/mining.ts";
import { breakEvenPrice, breakEvenShare, type Card, electricityOfDay, rentingDay } from "./model.ts";

/** An idle card's power as a share of its limit: an A100 SXM4 that was read with nothing running took 60 of 400 W. */
const IDLE_PERCENT = 15;

/**
 * A card's day renting beside its day mining. Throws `gpu-model-unknown` and `country-unknown` with the nearest ones.
 * @param feeBps the network's fee, out of the payout
 */
export function estimateEarnings(query: Call<"earnings">["query"], feeBps: number): Answer<"earnings"> {
  const model = knownModel(query.gpuModel);
  const tariff = tariffFor(query);
  const idleWatts = query.idleWatts ?? Math.round((model.tdpWatts * IDLE_PERCENT) / 100);
  const card: Card = { hiredWatts: model.tdpWatts, idleWatts, microUsdPerKwh: tariff.microUsdPerKwh, feeBps };
  const { priceMicroUsdPerGpuHour: price, hiredBps } = query;
  const revenue = miningRevenueOf(model);
  const miningPower = electricityOfDay(revenue.watts, tariff.microUsdPerKwh);
  const miningNet = revenue.microUsdPerDay - miningPower;
  const renting = rentingDay(card, price, hiredBps);
  // Who mines at a loss switches off: that is what renting has to beat.
  const target = miningNet > 0n ? miningNet : 0n;
  return {
    gpuModel: model.id,
    country: tariff.code,
    priceMicroUsdPerGpuHour: price,
    hiredBps,
    feeBps,
    hiredWatts: card.hiredWatts,
    idleWatts,
    tariff: {
      microUsdPerKwh: Number(tariff.microUsdPerKwh),
      customer: tariff.customer,
      period: tariff.period,
      source: tariff.source,
      reliability: tariff.reliability,
    },
    renting,
    mining: {
      grossMicroUsd: microUsd(revenue.microUsdPerDay),
      watts: revenue.watts,
      electricityMicroUsd: microUsd(miningPower),
      netMicroUsd: microUsd(miningNet),
      basis: revenue.basis,
      period: revenue.period,
      source: revenue.source,
    },
    gainPercent:
      revenue.microUsdPerDay === 0n
        ? null
        : Number(((renting.grossMicroUsd - revenue.microUsdPerDay) * 100n) / revenue.microUsdPerDay),
    breakEven: {
      against: miningNet > 0n ? "mining" : "switched off",
      priceMicroUsdPerGpuHour: breakEvenPrice(card, hiredBps, target),
      hiredBps: breakEvenShare(card, price, target),
    },
    clouds: cloudPricesOf(model.id),
    ...whatIsKnown(query, model, tariff, revenue),
  };
}

function knownModel(given: string): GpuModel {
  const model = findGpuModel(given);
  // A PCIe board may draw much less than its sibling on SXM.
  if (model !== undefined) return { ...model, ...gpuBoard(model, given) };
  throw unknownGpuModel(given);
}

/** A tariff of the catalogue, or the owner's own. */
type KnownTariff = Omit<Tariff, "customer"> & { customer: Tariff["customer"] | "yours" };

/** What the owner says that electricity costs, else the country's tariff. */
function tariffFor({ country, tariffMicroUsdPerKwh }: Call<"earnings">["query"]): KnownTariff {
  if (tariffMicroUsdPerKwh === undefined) return tariffOf(country);
  return {
    code: country.toUpperCase(),
    country,
    customer: "yours",
    period: "now",
    source: "given by who asked",
    reliability: "given",
    microUsdPerKwh: BigInt(tariffMicroUsdPerKwh),
  };
}

function whatIsKnown(
  query: Call<"earnings">["query"],
  model: GpuModel,
  tariff: KnownTariff,
  revenue: MiningRevenue,
): Pick<Answer<"earnings">, "facts" | "estimates"> {
  const facts = [
    `power limit ${model.tdpWatts} W: ${model.source}`,
    ...(tariff.customer === "yours"
      ? []
      : [`electricity, ${tariff.customer}, ${tariff.period}: ${tariff.source} (${tariff.reliability})`]),
    ...(revenue.basis === "estimated" || revenue.basis === "claimed"
      ? []
      : [`mining revenue, ${revenue.basis}, ${revenue.period}: ${revenue.source}`]),
  ];
  const estimates = [
    "the share of the day that it is hired is an assumption of who asks",
    ...(tariff.customer === "yours" ? ["what electricity costs was given by who asks"] : []),
    "while hired it is taken to draw its power limit; the rest of the machine is not counted",
    ...(query.idleWatts === undefined ? [`idle it is taken to draw ${IDLE_PERCENT} % of its limit`] : []),
    ...(revenue.basis === "estimated"
      ? [`mining revenue of ${revenue.period}: ${revenue.source}; mining pays what a coin is worth that day`]
      : []),
    ...(revenue.basis === "claimed"
      ? [`mining revenue of ${revenue.period} is claimed by ${revenue.source}; nobody has verified it`]
      : []),
    ...(revenue.wattsKnown
      ? []
      : ["while mining it is taken to draw its power limit; tuned cards draw less"]),
  ];
  return { facts, estimates };
}
