import { type AccountMeta, AccountRole, type Address } from "@solana/kit";
import { isNative } from "../tokens/currency.ts";

/** A set of the network's parameters, as its authority gives it. */
export type ParameterTerms = {
  authority: Address;
  guardian: Address;
  /** The wallet that the fee is paid to. */
  treasury: Address;
  /** One to four keys that sign readings. */
  meters: readonly Address[];
  /**
   * One to four plain SPL mints or NATIVE_SOL, each with its fee in basis points, at most 500, and how many hours
   * after an escrow's opening a rate holds (0: for ever; 24 for SOL, 0 for others where not given).
   */
  mints: readonly { mint: Address; feeBps: number; rateValidHours?: number }[];
  /** The shortest bill of a lease; 60. */
  minimumSeconds?: number;
  /** After a lease's last possible second anybody may release the rest; 24 hours. */
  releaseAfterSeconds?: number;
};

const MINIMUM_SECONDS = 60;
const RELEASE_AFTER_SECONDS = 86_400;
const SOL_RATE_HOURS = 24;

/** Fills in what was not given. */
export function parameterArguments(terms: ParameterTerms) {
  return {
    minimumSeconds: terms.minimumSeconds ?? MINIMUM_SECONDS,
    releaseAfterSeconds: terms.releaseAfterSeconds ?? RELEASE_AFTER_SECONDS,
    meters: [...terms.meters],
    mints: terms.mints.map(({ mint, feeBps, rateValidHours }) => ({
      ...{ mint, feeBps },
      rateValidHours: rateValidHours ?? (isNative(mint) ? SOL_RATE_HOURS : 0),
    })),
  };
}

/** The mints' accounts, which the program reads. */
export function mintAccounts(terms: ParameterTerms): AccountMeta[] {
  return terms.mints.map(({ mint }) => ({ address: mint, role: AccountRole.READONLY }));
}
