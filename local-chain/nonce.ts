import { getAddressDecoder, getBase58Decoder } from "@solana/kit";
import type { AccountState } from "./account-versions.ts";
import type { ReadAccount } from "./execution.ts";
import type { WireMessage } from "./wire-transaction.ts";

const SYSTEM_PROGRAM = "11111111111111111111111111111111";
const ADVANCE_NONCE_ACCOUNT = 4;
const NONCE_BYTES = 80;

/** Whether a transaction lives by a durable nonce instead of a blockhash: it advances that nonce first, signed. */
export function livesByNonce(wire: WireMessage, read: ReadAccount): boolean {
  const [first] = wire.instructions;
  if (first === undefined || wire.staticAccounts[first.programAddressIndex] !== SYSTEM_PROGRAM) return false;
  if (first.data.length < 4 || Buffer.from(first.data).readUInt32LE(0) !== ADVANCE_NONCE_ACCOUNT)
    return false;
  const nonceAddress = wire.staticAccounts[first.accountIndices[0] ?? -1];
  const nonce = nonceAddress === undefined ? undefined : readNonce(read(nonceAddress));
  if (nonce === undefined || nonce.value !== wire.recentBlockhash) return false;
  const signers: readonly string[] = wire.staticAccounts.slice(0, wire.header.numSignerAccounts);
  return signers.includes(nonce.authority);
}

/** Layout: version u32, state u32 (1: initialised), authority, nonce, fee u64 (solana nonce crate, state.rs). */
export function readNonce(account: AccountState): { authority: string; value: string } | undefined {
  if (account?.programAddress !== SYSTEM_PROGRAM || account.data.length !== NONCE_BYTES) return undefined;
  const data = Buffer.from(account.data);
  if (data.readUInt32LE(4) !== 1) return undefined;
  return {
    authority: getAddressDecoder().decode(data, 8),
    value: getBase58Decoder().decode(data.subarray(40, 72)),
  };
}
