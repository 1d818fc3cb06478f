import { createHash } from "node:crypto";
import type { Clock } from "@ionet/machine";
import { type Blockhash, blockhash, getBase58Decoder } from "@solana/kit";

/** How settled a reader wants what it reads to be. */
export type Commitment = "processed" | "confirmed" | "finalized";

/** Solana's own figures: a slot takes 400 ms; a blockhash is good for 150 blocks after its own. */
export const SLOT_MS = 400;
export const BLOCKHASH_BLOCKS = 150n;
/** Statuses of signatures are remembered this long without asking for history, as on a real node. */
export const RECENT_SLOTS = 300n;
export const SLOTS_IN_EPOCH = 432_000n;

export type LiveBlockhash = { readonly slot: bigint; readonly hash: Blockhash; readonly bytes: Uint8Array };

/** The slot that is open now and what can be derived from it. Every slot has a block: none is skipped. */
export type Slots = {
  /** The slot of block 0: the genesis. */
  readonly genesis: bigint;
  /** The slot in which transactions run now. */
  current(): bigint;
  /** The newest slot settled to `commitment`. */
  at(commitment: Commitment): bigint;
  /** How settled `slot` is now. */
  commitmentOf(slot: bigint): Commitment;
  height(slot: bigint): bigint;
  /** Unix time of the slot's start, in whole seconds. */
  unixSeconds(slot: bigint): bigint;
  blockhash(slot: bigint): Blockhash;
  /** The slot that a blockhash names while it is good, else undefined. */
  slotOfLiveBlockhash(hash: Blockhash): bigint | undefined;
  /** The slots whose blockhashes are good, with these; oldest first. */
  liveBlockhashes(): LiveBlockhash[];
  /** Whether the clock says that the open slot is over. */
  isOver(): boolean;
  /** Moves to the slot that the clock says; gives the slot it came from, or undefined where nothing moved. */
  moveOn(): bigint | undefined;
};

/** The figures that slots are counted by. */
export type SlotOptions = {
  readonly clock: Clock;
  /** When `firstSlot` opened: milliseconds since 1970. */
  readonly startedMs: number;
  /** The slot that was open when the network first started; everything before it is finalised. */
  readonly firstSlot: bigint;
  readonly firstHeight: bigint;
  /** Makes this network's blockhashes its own, so that nothing signed for it runs on another. */
  readonly seed: Uint8Array;
  /** Slots until a slot is final (2 here by default; about 31 on mainnet). */
  readonly finalizedAfterSlots: bigint;
  /** The newest slot of an earlier process: what it left is final, and its slots do not come again. */
  readonly reached?: bigint | undefined;
};

export function createSlots(options: SlotOptions): Slots {
  const { clock, startedMs, firstSlot, firstHeight, seed, finalizedAfterSlots } = options;
  const genesis = firstSlot - firstHeight;
  const live = new Map<Blockhash, LiveBlockhash>();
  const floor = options.reached ?? firstSlot - finalizedAfterSlots;
  const slotNow = () => firstSlot + BigInt(Math.floor((clock.now() - startedMs) / SLOT_MS));
  let current = later(slotNow(), later(firstSlot, floor + 1n));

  const depth = { processed: 0n, confirmed: 1n, finalized: finalizedAfterSlots } as const;
  const at = (commitment: Commitment) => later(current - depth[commitment], floor);
  const bytesOf = (slot: bigint) => createHash("sha256").update(seed).update(String(slot)).digest();
  const hashOf = (slot: bigint) => blockhash(getBase58Decoder().decode(bytesOf(slot)));
  const keepHashes = (from: bigint, to: bigint) => {
    const oldest = to - BLOCKHASH_BLOCKS;
    for (let slot = from > oldest ? from : oldest; slot <= to; slot++) {
      const hash = hashOf(slot);
      live.set(hash, { slot, hash, bytes: bytesOf(slot) });
    }
    for (const [hash, { slot }] of live) {
      if (slot >= oldest) break;
      live.delete(hash);
    }
  };
  keepHashes(genesis, current);

  return {
    genesis,
    current: () => current,
    at,
    commitmentOf(slot) {
      if (slot <= at("finalized")) return "finalized";
      return slot <= at("confirmed") ? "confirmed" : "processed";
    },
    height: (slot) => slot - genesis,
    unixSeconds: (slot) => BigInt(Math.floor((startedMs + Number(slot - firstSlot) * SLOT_MS) / 1000)),
    blockhash: hashOf,
    slotOfLiveBlockhash: (hash) => live.get(hash)?.slot,
    liveBlockhashes: () => [...live.values()],
    isOver: () => slotNow() > current,
    moveOn() {
      const slot = slotNow();
      if (slot <= current) return undefined;
      const from = current;
      current = slot;
      keepHashes(from + 1n, current);
      return from;
    },
  };
}

function later(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
