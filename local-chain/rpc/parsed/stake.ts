import { type ByteCursor, f64, i64, pubkey, u8, u32, u64, u64Text } from "../cursor.ts";
import type { Parser } from "./parsed.ts";

/** A stake account: nothing yet, initialised, delegated, or the old pool of rewards. */
export const parseStake: Parser = (cursor) => {
  switch (u32(cursor)) {
    case 0:
      return { type: "uninitialized" };
    case 1:
      return { type: "initialized", info: { meta: meta(cursor), stake: null } };
    case 2:
      return { type: "delegated", info: { meta: meta(cursor), stake: stake(cursor) } };
    case 3:
      return { type: "rewardsPool" };
    default:
      return undefined;
  }
};

function meta(cursor: ByteCursor) {
  return {
    rentExemptReserve: u64Text(cursor),
    authorized: { staker: pubkey(cursor), withdrawer: pubkey(cursor) },
    lockup: { unixTimestamp: i64(cursor), epoch: u64(cursor), custodian: pubkey(cursor) },
  };
}

function stake(cursor: ByteCursor) {
  const delegation = {
    voter: pubkey(cursor),
    stake: u64Text(cursor),
    activationEpoch: u64Text(cursor),
    deactivationEpoch: u64Text(cursor),
  };
  // The rate of warming up is the network's today; its place in the account stays.
  f64(cursor);
  const creditsObserved = u64(cursor);
  u8(cursor);
  return { creditsObserved, delegation };
}
