import type { ReadAccount } from "../../execution.ts";
import { SYSVAR } from "../../sysvars.ts";
import { readMint, type UiAmount, uiAmount } from "../../tokens.ts";
import { extensionsOf, findExtension, readInterest, readScale } from "./token-extensions.ts";

/** Shows an amount of a mint as wallets do: with its decimals, and with what its extensions make of it. */
export type ShowAmount = (amount: bigint) => UiAmount;

/** Seconds of a year of 365.24 days, and hundredths of a percent: what the token program counts interest by. */
const YEAR_SECONDS = 31_556_736;
const BASIS_POINTS = 10_000;
const CLOCK_UNIX_SECONDS = 32;

/**
 * How amounts of the mint at an address are shown.
 *
 * @param read - reads the mint, and the time that interest has run to
 * @returns undefined where there is no mint
 */
export function amountsOf(mint: Parameters<ReadAccount>[0], read: ReadAccount): ShowAmount | undefined {
  const account = read(mint);
  const fields = readMint(account);
  if (account === null || fields === undefined) return undefined;
  const { decimals } = fields;
  const extensions = extensionsOf(account.data);
  const interest = findExtension(extensions, "interestBearingConfig", readInterest);
  if (interest !== undefined) {
    const factor = growth(interest, unixSeconds(read));
    return (amount) => withText(amount, decimals, (factor * Number(amount)) / 10 ** decimals);
  }
  const scale = findExtension(extensions, "scaledUiAmountConfig", readScale);
  if (scale !== undefined) {
    const isNew = unixSeconds(read) >= Number(scale.newMultiplierEffectiveTimestamp);
    const factor = isNew ? scale.newMultiplier : scale.multiplier;
    return (amount) => withText(amount, decimals, Math.trunc(Number(amount) * factor) / 10 ** decimals);
  }
  return (amount) => uiAmount(amount, decimals);
}

/** Interest is compounded at every moment, first at the earlier rate, then at the present one. */
function growth(interest: ReturnType<typeof readInterest>, now: number): number {
  const changed = Number(interest.lastUpdateTimestamp);
  const earlier = interest.preUpdateAverageRate * (changed - Number(interest.initializationTimestamp));
  const since = interest.currentRate * (now - changed);
  const exponent = (rateSeconds: number) => Math.exp(rateSeconds / YEAR_SECONDS / BASIS_POINTS);
  return exponent(earlier) * exponent(since);
}

function withText(amount: bigint, decimals: number, shown: number): UiAmount {
  const digits = shown.toFixed(Math.min(decimals, 100));
  const uiAmountString = decimals === 0 ? digits : digits.replace(/0+$/, "").replace(/\.$/, "");
  return { amount: amount.toString(), decimals, uiAmount: Number(uiAmountString), uiAmountString };
}

function unixSeconds(read: ReadAccount): number {
  const clock = read(SYSVAR.clock)?.data;
  return clock === undefined ? 0 : Number(Buffer.from(clock).readBigInt64LE(CLOCK_UNIX_SECONDS));
}
