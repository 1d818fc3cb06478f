import { address, type Commitment } from "@solana/kit";
import { readAccount } from "./account-bytes.ts";
import type { Chain } from "./connect.ts";

const CLOCK = address("SysvarC1ock11111111111111111111111111111111");
/** Before it: slot, epoch's start, epoch, leader schedule's epoch; eight bytes each. */
const UNIX_TIME_AT = 32;

/** The chain's own time, by which programs count: Unix seconds. Throws ChainErrors. */
export async function chainTime(chain: Chain, commitment: Commitment): Promise<number> {
  const account = await readAccount(chain, CLOCK, commitment);
  if (account === null) throw new Error(`${chain.url} has no clock account: it is no Solana endpoint`);
  const { buffer, byteOffset, byteLength } = account.data;
  return Number(new DataView(buffer, byteOffset, byteLength).getBigInt64(UNIX_TIME_AT, true));
}
