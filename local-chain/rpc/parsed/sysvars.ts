import { type ByteCursor, base58, f64, flag, i64, list, take, u64, u64Text, u128Text } from "../cursor.ts";
import type { Parser } from "./parsed.ts";

const SLOT_HISTORY_BITS = 1024 * 1024;

/** What each sysvar holds, by its address. */
const SYSVARS: Readonly<Record<string, { type: string; read: (cursor: ByteCursor) => unknown }>> = {
  SysvarC1ock11111111111111111111111111111111: { type: "clock", read: clock },
  SysvarEpochRewards1111111111111111111111111: { type: "epochRewards", read: epochRewards },
  SysvarEpochSchedu1e111111111111111111111111: { type: "epochSchedule", read: epochSchedule },
  SysvarFees111111111111111111111111111111111: {
    type: "fees",
    read: (cursor) => ({ feeCalculator: feeCalculator(cursor) }),
  },
  SysvarLastRestartS1ot1111111111111111111111: {
    type: "lastRestartSlot",
    read: (cursor) => ({ lastRestartSlot: u64(cursor) }),
  },
  SysvarRecentB1ockHashes11111111111111111111: {
    type: "recentBlockhashes",
    read: list((at) => ({ blockhash: base58(32)(at), feeCalculator: feeCalculator(at) })),
  },
  // Since 4.1 a node says only what still counts (SIMD-0194).
  SysvarRent111111111111111111111111111111111: {
    type: "rent",
    read: (cursor) => ({ lamportsPerByte: u64Text(cursor) }),
  },
  SysvarRewards111111111111111111111111111111: {
    type: "rewards",
    read: (cursor) => ({ validatorPointValue: f64(cursor) }),
  },
  SysvarS1otHashes111111111111111111111111111: {
    type: "slotHashes",
    read: list((at) => ({ slot: u64(at), hash: base58(32)(at) })),
  },
  SysvarS1otHistory11111111111111111111111111: { type: "slotHistory", read: slotHistory },
  SysvarStakeHistory1111111111111111111111111: {
    type: "stakeHistory",
    read: list((at) => ({
      epoch: u64(at),
      stakeHistory: { effective: u64(at), activating: u64(at), deactivating: u64(at) },
    })),
  },
};

export const parseSysvar: Parser = (cursor, address) => {
  const sysvar = Object.hasOwn(SYSVARS, address) ? SYSVARS[address] : undefined;
  return sysvar && { type: sysvar.type, info: sysvar.read(cursor) };
};

function clock(cursor: ByteCursor) {
  return {
    slot: u64(cursor),
    epochStartTimestamp: i64(cursor),
    epoch: u64(cursor),
    leaderScheduleEpoch: u64(cursor),
    unixTimestamp: i64(cursor),
  };
}

function epochSchedule(cursor: ByteCursor) {
  return {
    slotsPerEpoch: u64(cursor),
    leaderScheduleSlotOffset: u64(cursor),
    warmup: flag(cursor),
    firstNormalEpoch: u64(cursor),
    firstNormalSlot: u64(cursor),
  };
}

function epochRewards(cursor: ByteCursor) {
  return {
    distributionStartingBlockHeight: u64(cursor),
    numPartitions: u64(cursor),
    parentBlockhash: base58(32)(cursor),
    totalPoints: u128Text(cursor),
    totalRewards: u64Text(cursor),
    distributedRewards: u64Text(cursor),
    active: flag(cursor),
  };
}

/** One digit a slot, as a node writes it: a megabyte of text. */
function slotHistory(cursor: ByteCursor) {
  flag(cursor);
  const blocks = take(cursor, Number(u64(cursor)) * 8);
  u64(cursor);
  const digits = Buffer.alloc(SLOT_HISTORY_BITS, "0");
  for (const [index, byte] of blocks.entries())
    for (let bit = 0; bit < 8; bit++) if ((byte >> bit) & 1) digits[index * 8 + bit] = 0x31;
  return { bits: digits.toString("latin1"), nextSlot: u64(cursor) };
}

function feeCalculator(cursor: ByteCursor) {
  return { lamportsPerSignature: u64Text(cursor) };
}
