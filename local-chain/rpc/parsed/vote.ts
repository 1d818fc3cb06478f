import {
  type ByteCursor,
  base58,
  i64,
  list,
  option,
  pubkey,
  take,
  u8,
  u16,
  u32,
  u64,
  u64Text,
} from "../cursor.ts";
import type { Parser } from "./parsed.ts";

/** Versions of a vote account's state that a node reads; the first one of all it does not. */
const VERSION = { v1_14_11: 1, v3: 2, v4: 3 } as const;
/** 32 earlier voters of 48 bytes, where the newest stands, and whether there is any. */
const PRIOR_VOTERS_BYTES = 32 * 48 + 8 + 1;
const ALL_BASIS_POINTS = 10_000;

/** A vote account; an older version is shown as the newest would have it (SIMD-0185). */
export const parseVote: Parser = (cursor, address) => {
  const version = u32(cursor);
  if (version === VERSION.v4) return { type: "vote", info: newest(cursor) };
  if (version !== VERSION.v3 && version !== VERSION.v1_14_11) return undefined;
  return { type: "vote", info: older(cursor, address, version === VERSION.v3 ? landedVote : lockout) };
};

function newest(cursor: ByteCursor) {
  const nodePubkey = pubkey(cursor);
  const authorizedWithdrawer = pubkey(cursor);
  const inflationRewardsCollector = pubkey(cursor);
  const blockRevenueCollector = pubkey(cursor);
  const inflationRewardsCommissionBps = u16(cursor);
  return {
    nodePubkey,
    authorizedWithdrawer,
    inflationRewardsCollector,
    blockRevenueCollector,
    inflationRewardsCommissionBps,
    commission: Math.floor(inflationRewardsCommissionBps / 100) % 256,
    blockRevenueCommissionBps: u16(cursor),
    pendingDelegatorRewards: u64Text(cursor),
    blsPubkeyCompressed: option(base58(48))(cursor),
    ...votes(cursor, landedVote),
    priorVoters: [],
    ...credits(cursor),
  };
}

function older(cursor: ByteCursor, address: string, readVote: typeof landedVote) {
  const nodePubkey = pubkey(cursor);
  const authorizedWithdrawer = pubkey(cursor);
  const commission = u8(cursor);
  const voted = votes(cursor, readVote);
  take(cursor, PRIOR_VOTERS_BYTES);
  return {
    nodePubkey,
    authorizedWithdrawer,
    inflationRewardsCollector: address,
    blockRevenueCollector: nodePubkey,
    inflationRewardsCommissionBps: commission * 100,
    commission,
    blockRevenueCommissionBps: ALL_BASIS_POINTS,
    pendingDelegatorRewards: "0",
    blsPubkeyCompressed: null,
    ...voted,
    priorVoters: [],
    ...credits(cursor),
  };
}

function votes(cursor: ByteCursor, readVote: typeof landedVote) {
  return {
    votes: list(readVote)(cursor),
    rootSlot: option(u64)(cursor),
    authorizedVoters: list((at) => ({ epoch: u64(at), authorizedVoter: pubkey(at) }))(cursor),
  };
}

function credits(cursor: ByteCursor) {
  return {
    epochCredits: list((at) => ({ epoch: u64(at), credits: u64Text(at), previousCredits: u64Text(at) }))(
      cursor,
    ),
    lastTimestamp: { slot: u64(cursor), timestamp: i64(cursor) },
  };
}

function landedVote(cursor: ByteCursor) {
  return { latency: u8(cursor), slot: u64(cursor), confirmationCount: u32(cursor) };
}

function lockout(cursor: ByteCursor) {
  return { latency: 0, slot: u64(cursor), confirmationCount: u32(cursor) };
}
