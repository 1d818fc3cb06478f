import { type Address, type Commitment, getBase64Encoder } from "@solana/kit";
import type { Chain } from "./connect.ts";
import { asChainError } from "./errors.ts";

/**
 * An account's data and owner, or null when there is no such account. An endpoint that has not seen the slot
 * `notBefore` does not get to say so: "rpc-unreachable". Throws ChainErrors.
 */
export async function readAccount(
  chain: Chain,
  address: Address,
  commitment: Commitment,
  notBefore = 0n,
): Promise<{ owner: Address; data: Uint8Array } | null> {
  const { value } = await chain.rpc
    .getAccountInfo(address, { commitment, encoding: "base64", minContextSlot: notBefore })
    .send()
    .catch((cause: unknown) => {
      throw asChainError(chain, cause);
    });
  if (value === null) return null;
  return { owner: value.owner, data: new Uint8Array(getBase64Encoder().encode(value.data[0])) };
}

/** Accounts in one call: the limit of Solana's own nodes. */
const ACCOUNTS_A_CALL = 100;

/** As readAccount, for many: by their addresses; those that do not exist are left out. Throws ChainErrors. */
export async function readAccounts(
  chain: Chain,
  addresses: readonly Address[],
  commitment: Commitment,
  notBefore = 0n,
): Promise<Map<Address, { owner: Address; data: Uint8Array }>> {
  return await readMany(chain, addresses, { commitment, encoding: "base64", minContextSlot: notBefore });
}

/** Those of these addresses at which there is an account. Throws ChainErrors. */
export async function whichExist(
  chain: Chain,
  addresses: readonly Address[],
  commitment: Commitment,
): Promise<Set<Address>> {
  const dataSlice = { offset: 0, length: 0 };
  return new Set((await readMany(chain, addresses, { commitment, encoding: "base64", dataSlice })).keys());
}

async function readMany(
  chain: Chain,
  addresses: readonly Address[],
  config: {
    commitment: Commitment;
    encoding: "base64";
    minContextSlot?: bigint;
    dataSlice?: { offset: number; length: number };
  },
): Promise<Map<Address, { owner: Address; data: Uint8Array }>> {
  const found = new Map<Address, { owner: Address; data: Uint8Array }>();
  for (let start = 0; start < addresses.length; start += ACCOUNTS_A_CALL) {
    const part = addresses.slice(start, start + ACCOUNTS_A_CALL);
    const { value } = await chain.rpc
      .getMultipleAccounts(part, config)
      .send()
      .catch((cause: unknown) => {
        throw asChainError(chain, cause);
      });
    for (const [at, place] of part.entries()) {
      const account = value[at] ?? null;
      if (account === null) continue;
      const data = new Uint8Array(getBase64Encoder().encode(account.data[0]));
      found.set(place, { owner: account.owner, data });
    }
  }
  return found;
}
