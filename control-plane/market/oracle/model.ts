import { decodePriceUpdate, type PriceUpdate, SOL_USD_FEED } from "@ionet/chain";
import { LOWEST_SOL_PRICE, type MicroUsdPerSol, microUsdPerSol } from "@ionet/protocol";

/** The one account that the price of SOL is taken from. */
export type PriceSource = {
  account: string;
  /** The program that has to own it: it checks the signatures of what it writes there. */
  owner: string;
  /** A local network's price is made up, whoever has posted it. */
  simulated: boolean;
};

/** A price may be this old, in seconds. */
export const OLDEST_SECONDS = 60;
/** Clocks may differ by this much, in seconds. */
export const AHEAD_SECONDS = 15;
/** Confidence × this may be at most the price: 2 %. */
const CONFIDENCE_PARTS = 50n;
const MICRO_USD_DECIMALS = 6;
/** Pyth's exponents are −8 for SOL; no feed has others than these. */
const EXPONENTS = { least: -12, most: 0 };

/** Why an account's price is not taken. */
export type PriceRefusal =
  | "account-missing"
  | "wrong-owner"
  | "wrong-format"
  | "not-fully-verified"
  | "wrong-feed"
  | "wrong-exponent"
  | "price-not-positive"
  | "confidence-too-wide"
  | "from-the-future"
  | "too-old"
  | "went-back";

export type PriceVerdict =
  | { price: MicroUsdPerSol; publishTime: number }
  | { refused: PriceRefusal; detail: string };

type LastSeen = { owner: string; data: Uint8Array } | null;

/**
 * Judges what is in the price account. `lastPublishTime` is that of the newest price ever taken from it, in Unix seconds;
 * null when there was none.
 */
export function judgePrice(
  seen: LastSeen,
  source: PriceSource,
  nowMs: number,
  lastPublishTime: number | null,
): PriceVerdict {
  if (seen === null) return refuse("account-missing", `there is no account ${source.account}`);
  if (seen.owner !== source.owner) {
    return refuse("wrong-owner", `the account belongs to ${seen.owner}, not to ${source.owner}`);
  }
  const update = decodePriceUpdate(seen.data);
  if (update === null) return refuse("wrong-format", "its bytes are no PriceUpdateV2");
  return judgeUpdate(update) ?? judgeTime(update, nowMs, lastPublishTime) ?? taken(update);
}

function judgeUpdate(update: PriceUpdate): PriceVerdict | null {
  const { price, confidence, exponent } = update;
  if (update.verification !== "full") {
    return refuse("not-fully-verified", "its signatures were checked in part only");
  }
  if (update.feedId !== SOL_USD_FEED) return refuse("wrong-feed", `its feed is ${update.feedId}`);
  if (exponent < EXPONENTS.least || exponent > EXPONENTS.most) {
    return refuse("wrong-exponent", `its exponent is ${exponent}`);
  }
  if (inMicroUsd(update) < LOWEST_SOL_PRICE) {
    return refuse("price-not-positive", `its price is ${price} × 10^${exponent}, less than a cent`);
  }
  if (confidence * CONFIDENCE_PARTS > price) {
    return refuse("confidence-too-wide", `± ${confidence} of ${price} is more than 2 %`);
  }
  return null;
}

function judgeTime(update: PriceUpdate, nowMs: number, lastPublishTime: number | null): PriceVerdict | null {
  const ageSeconds = Math.floor(nowMs / 1000) - Number(update.publishTime);
  if (ageSeconds < -AHEAD_SECONDS) {
    return refuse("from-the-future", `it was published ${-ageSeconds} s from now`);
  }
  if (ageSeconds > OLDEST_SECONDS) {
    return refuse("too-old", `it is ${ageSeconds} s old, more than ${OLDEST_SECONDS} s`);
  }
  if (lastPublishTime !== null && update.publishTime < BigInt(lastPublishTime)) {
    return refuse(
      "went-back",
      `a price published ${lastPublishTime - Number(update.publishTime)} s later was seen before`,
    );
  }
  return null;
}

const taken = (update: PriceUpdate): PriceVerdict => ({
  price: microUsdPerSol(inMicroUsd(update)),
  publishTime: Number(update.publishTime),
});

/** Rounded down: whoever is paid by this price gets rather one lamport more. */
function inMicroUsd({ price, exponent }: PriceUpdate): bigint {
  const shift = exponent + MICRO_USD_DECIMALS;
  return shift >= 0 ? price * 10n ** BigInt(shift) : price / 10n ** BigInt(-shift);
}

const refuse = (refused: PriceRefusal, detail: string): PriceVerdict => ({ refused, detail });
