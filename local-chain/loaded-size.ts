import { type Address, getAddressDecoder } from "@solana/kit";
import type { AccountState } from "./account-versions.ts";
import { UPGRADEABLE_LOADER } from "./upgradeable-program.ts";

/** What an account counts beside its data, and what a lookup table counts in all (SIMD-0186). */
const ACCOUNT_BASE_BYTES = 64;
const LOOKUP_TABLE_BYTES = 8192 + 56;
/** Made for each instruction, never loaded. */
const INSTRUCTIONS_SYSVAR = "Sysvar1nstructions1111111111111111111111111";
const PROGRAM_TAG = 2;

/**
 * The bytes that a transaction loads: its accounts, the code of upgradeable programs among them, its lookup tables.
 * The runtime holds them against the limit that a transaction may set.
 */
export function loadedBytes(
  addresses: readonly Address[],
  lookupTables: number,
  read: (address: Address) => AccountState,
): number {
  let bytes = lookupTables * LOOKUP_TABLE_BYTES;
  const counted = new Set<Address>(addresses);
  const count = (account: AccountState) => {
    if (account !== null) bytes += ACCOUNT_BASE_BYTES + account.data.length;
  };
  for (const address of addresses) {
    if (address === INSTRUCTIONS_SYSVAR) continue;
    const account = read(address);
    count(account);
    const code = codeOf(account);
    if (code === undefined || counted.has(code)) continue;
    counted.add(code);
    count(read(code));
  }
  return bytes;
}

function codeOf(account: AccountState): Address | undefined {
  if (account?.programAddress !== UPGRADEABLE_LOADER || account.data.length < 36) return undefined;
  const data = Buffer.from(account.data.slice(0, 36));
  return data.readUInt32LE(0) === PROGRAM_TAG ? getAddressDecoder().decode(data, 4) : undefined;
}
