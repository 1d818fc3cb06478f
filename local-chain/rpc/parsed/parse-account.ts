import type { EncodedAccount } from "@solana/kit";
import type { ReadAccount } from "../../execution.ts";
import { SYSTEM_PROGRAM } from "../../genesis.ts";
import { SYSVAR_OWNER } from "../../sysvars.ts";
import { TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from "../../tokens.ts";
import { UPGRADEABLE_LOADER } from "../../upgradeable-program.ts";
import { parseConfig } from "./config.ts";
import { parseLoader } from "./loader.ts";
import { parseLookupTable } from "./lookup-table.ts";
import { parseNonce } from "./nonce.ts";
import { type Parser, parseWith } from "./parsed.ts";
import { parseStake } from "./stake.ts";
import { parseSysvar } from "./sysvars.ts";
import { parseToken } from "./token.ts";
import { parseVote } from "./vote.ts";

/** The programs whose accounts a node parses, with its names for them (agave, account-decoder). */
const PROGRAMS: Readonly<Record<string, { readonly program: string; readonly parse: Parser }>> = {
  AddressLookupTab1e1111111111111111111111111: { program: "address-lookup-table", parse: parseLookupTable },
  [UPGRADEABLE_LOADER]: { program: "bpf-upgradeable-loader", parse: parseLoader },
  Config1111111111111111111111111111111111111: { program: "config", parse: parseConfig },
  [SYSTEM_PROGRAM]: { program: "nonce", parse: parseNonce },
  Stake11111111111111111111111111111111111111: { program: "stake", parse: parseStake },
  [SYSVAR_OWNER]: { program: "sysvar", parse: parseSysvar },
  Vote111111111111111111111111111111111111111: { program: "vote", parse: parseVote },
};

const TOKEN_PROGRAM_NAMES: Readonly<Record<string, string>> = {
  [TOKEN_PROGRAM]: "spl-token",
  [TOKEN_2022_PROGRAM]: "spl-token-2022",
};

/**
 * The program's name and what its account holds.
 *
 * @param read - reads the mint of a token account, and the clock, as of the same slot
 * @returns undefined where a node would not parse it either
 */
export function parseAccount(account: EncodedAccount, read: ReadAccount) {
  const owner = account.programAddress;
  const token = TOKEN_PROGRAM_NAMES[owner];
  if (token !== undefined) {
    const parsed = parseToken(account, read);
    return parsed && { program: token, parsed };
  }
  const known = Object.hasOwn(PROGRAMS, owner) ? PROGRAMS[owner] : undefined;
  if (known === undefined) return undefined;
  const parsed = parseWith(account.data, (cursor) => known.parse(cursor, account.address));
  return parsed && { program: known.program, parsed };
}
