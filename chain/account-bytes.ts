import { type Address, type Commitment, getBase64Encoder } from "@solana/kit";
import type { Chain } from "./connect.ts";
import { asChainError } from "./errors.ts";

/** An account's data and owner, or null when there is no such account. Throws ChainErrors. */
export async function readAccount(
  chain: Chain,
  address: Address,
  commitment: Commitment,
): Promise<{ owner: Address; data: Uint8Array } | null> {
  const { value } = await chain.rpc
    .getAccountInfo(address, { commitment, encoding: "base64" })
    .send()
    .catch((cause: unknown) => {
      throw asChainError(chain, cause);
    });
  if (value === null) return null;
  return { owner: value.owner, data: new Uint8Array(getBase64Encoder().encode(value.data[0])) };
}
