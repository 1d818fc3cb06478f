import { type Address, type EncodedAccount, lamports } from "@solana/kit";
import { SYSTEM_PROGRAM } from "./genesis.ts";

/** What an account that is no more looks like to a node's clients and to the SVM. */
export function closedAccount(address: Address): EncodedAccount {
  return {
    address,
    data: new Uint8Array(),
    executable: false,
    lamports: lamports(0n),
    programAddress: SYSTEM_PROGRAM,
    space: 0n,
  };
}
