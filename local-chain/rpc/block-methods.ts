import type { LocalNetwork } from "../network.ts";
import type { Commitment } from "../slots.ts";
import { type MethodTable, readSettledView } from "./context.ts";
import { encodeBlock, readBlockForm } from "./encode-block.ts";
import { RPC_CODE, RpcError } from "./errors.ts";
import { isObject, type Parameters, readConfig, readCount, readSettledCommitment } from "./parameters.ts";

const MAX_BLOCKS = 500_000;

/** Methods about blocks. Every slot has one. */
export const blockMethods: MethodTable = {
  getBlock(network, [slot, config]) {
    const asked = BigInt(readCount(slot, "slot"));
    const options = typeof config === "string" ? { encoding: config } : readConfig(config);
    const form = readBlockForm(options);
    requireBlock(network, asked, readSettledCommitment(options.commitment));
    return encodeBlock(network, asked, form);
  },

  getBlockTime(network, [slot]) {
    const asked = BigInt(readCount(slot, "slot"));
    requireBlock(network, asked, "processed");
    return network.slots.unixSeconds(asked);
  },

  /** [start, end, config] or [start, config]. */
  getBlocks(network, [start, ...rest]: Parameters) {
    const first = readCount(start, "startSlot");
    const [end, config] = isObject(rest[0]) ? [undefined, rest[0]] : rest;
    const newest = newestSettled(network, config);
    const last = end === undefined || end === null ? newest : Math.min(readCount(end, "endSlot"), newest);
    if (last - first > MAX_BLOCKS) throw tooMany("Slot range", "endSlot", last);
    return slotsFrom(network, first, last);
  },

  getBlocksWithLimit(network, [start, limit, config]) {
    const first = readCount(start, "startSlot");
    const count = readCount(limit, "limit");
    if (count > MAX_BLOCKS) throw tooMany("Limit", "limit", count);
    return slotsFrom(network, first, Math.min(first + count - 1, newestSettled(network, config)));
  },

  /** Nobody votes on blocks here, so none has votes to be told. */
  getBlockCommitment: (_network, [slot]) => {
    readCount(slot, "slot");
    return { commitment: null, totalStake: 0 };
  },

  getFirstAvailableBlock: (network) => network.slots.genesis,
  minimumLedgerSlot: (network) => network.slots.genesis,
};

/** @throws RpcError −32004 for a block that is not settled to `commitment` yet, −32001 for one from before the start */
function requireBlock(network: LocalNetwork, slot: bigint, commitment: Commitment): void {
  if (slot > network.slots.at(commitment))
    throw new RpcError(RPC_CODE.blockNotAvailable, `Block not available for slot ${slot}`);
  const { genesis } = network.slots;
  if (slot < genesis)
    throw new RpcError(
      RPC_CODE.blockCleanedUp,
      `Block ${slot} cleaned up, does not exist on node. First available block: ${genesis}`,
      { slot, firstAvailableBlock: genesis },
    );
}

function tooMany(what: string, field: string, given: number): RpcError {
  const data = { field, given, allowed: `at most ${MAX_BLOCKS} slots` };
  return new RpcError(RPC_CODE.invalidParams, `${what} too large; max ${MAX_BLOCKS}`, data);
}

function newestSettled(network: LocalNetwork, config: unknown): number {
  return Number(readSettledView(network, readConfig(config)).slot);
}

function slotsFrom(network: LocalNetwork, first: number, last: number): number[] {
  const from = Math.max(first, Number(network.slots.genesis));
  return Array.from({ length: Math.max(0, last - from + 1) }, (_, index) => from + index);
}
