import { type Address, address } from "@solana/kit";
import { type LiveBlockhash, SLOTS_IN_EPOCH, type Slots } from "./slots.ts";

export const SYSVAR_OWNER = address("Sysvar1111111111111111111111111111111111111");

/** The sysvars that every slot writes anew. */
export const SYSVAR = {
  clock: address("SysvarC1ock11111111111111111111111111111111"),
  recentBlockhashes: address("SysvarRecentB1ockHashes11111111111111111111"),
  slotHashes: address("SysvarS1otHashes111111111111111111111111111"),
  slotHistory: address("SysvarS1otHistory11111111111111111111111111"),
} as const;

const LAMPORTS_PER_SIGNATURE = 5_000n;
const SLOT_HASHES_BYTES = 8 + 512 * 40;
const RECENT_BLOCKHASHES_BYTES = 8 + 150 * 40;
const SLOT_HISTORY_BITS = 1024 * 1024;

/** What a sysvar holds at the end of a slot; undefined for an account that is none of those above. */
export function sysvarAt(slots: Slots, at: Address, slot: bigint): Buffer | undefined {
  switch (at) {
    case SYSVAR.clock:
      return clock(slots, slot);
    case SYSVAR.recentBlockhashes:
      return recentBlockhashes(pastOf(slots, slot + 1n));
    case SYSVAR.slotHashes:
      return slotHashes(pastOf(slots, slot));
    case SYSVAR.slotHistory:
      return slotHistory(slots, slot);
    default:
      return undefined;
  }
}

/** The newest slots before `slot` with their blockhashes, newest first. */
function pastOf(slots: Slots, slot: bigint) {
  return slots
    .liveBlockhashes()
    .filter((known) => known.slot < slot)
    .reverse()
    .slice(0, 150);
}

function clock(slots: Slots, slot: bigint): Buffer {
  const epoch = slot / SLOTS_IN_EPOCH;
  const data = Buffer.alloc(40);
  data.writeBigUInt64LE(slot, 0);
  data.writeBigInt64LE(slots.unixSeconds(epoch * SLOTS_IN_EPOCH), 8);
  data.writeBigUInt64LE(epoch, 16);
  data.writeBigUInt64LE(epoch + 1n, 24);
  data.writeBigInt64LE(slots.unixSeconds(slot), 32);
  return data;
}

function slotHashes(past: readonly LiveBlockhash[]): Buffer {
  const data = Buffer.alloc(SLOT_HASHES_BYTES);
  data.writeBigUInt64LE(BigInt(past.length), 0);
  for (const [index, { slot, bytes }] of past.entries()) {
    data.writeBigUInt64LE(slot, 8 + index * 40);
    data.set(bytes, 16 + index * 40);
  }
  return data;
}

function recentBlockhashes(past: readonly LiveBlockhash[]): Buffer {
  const data = Buffer.alloc(RECENT_BLOCKHASHES_BYTES);
  data.writeBigUInt64LE(BigInt(past.length), 0);
  for (const [index, { bytes }] of past.entries()) {
    data.set(bytes, 8 + index * 40);
    data.writeBigUInt64LE(LAMPORTS_PER_SIGNATURE, 40 + index * 40);
  }
  return data;
}

/** A bit for each of the last 2^20 slots, in 64-bit words behind an option's tag and their number (bincode's BitVec). */
function slotHistory(slots: Slots, slot: bigint): Buffer {
  const words = SLOT_HISTORY_BITS / 64;
  const data = Buffer.alloc(1 + 8 + words * 8 + 8 + 8);
  data[0] = 1;
  data.writeBigUInt64LE(BigInt(words), 1);
  const newest = Number(slot - slots.genesis);
  for (let back = 0; back < Math.min(newest + 1, SLOT_HISTORY_BITS); back++) {
    const bit = Number(slot - BigInt(back)) % SLOT_HISTORY_BITS;
    const byte = 9 + (bit >> 3);
    data[byte] = (data[byte] ?? 0) | (1 << (bit & 7));
  }
  data.writeBigUInt64LE(BigInt(SLOT_HISTORY_BITS), 9 + words * 8);
  data.writeBigUInt64LE(slot + 1n, 17 + words * 8);
  return data;
}
