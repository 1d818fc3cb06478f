import {
  type Address,
  address,
  type Commitment,
  fixCodecSize,
  getAddressCodec,
  getBase16Decoder,
  getBase16Encoder,
  getBytesCodec,
  getI32Codec,
  getI64Codec,
  getStructCodec,
  getU64Codec,
  type ReadonlyUint8Array,
} from "@solana/kit";
import { readAccount } from "../rpc/account-bytes.ts";
import type { Chain } from "../rpc/connect.ts";

/** Pyth's receiver program, the same on mainnet and devnet: it alone writes price accounts, after checking their signatures. */
export const PYTH_RECEIVER: Address = address("rec5EKMGg6MxZYaMdyBfgwp4d5rB9T1VQH5pJv5LtFJ");
/** Pyth's id of the feed "SOL/USD" (pyth.network, price feed ids), hex. */
export const SOL_USD_FEED = "ef0d8b6fda2ceba41da15d4095d1da392a0d2f8ed0c6c7bc0f4cfac8c280b56d";

/** A price account in the receiver's format PriceUpdateV2. A price is `price` × 10^`exponent`; times in Unix seconds. */
export type PriceUpdate = {
  writeAuthority: Address;
  /** full: a quorum of Wormhole's guardians has signed; partial: fewer were checked. */
  verification: "full" | "partial";
  /** 32 bytes, hex. */
  feedId: string;
  price: bigint;
  /** Half of the interval in which the price lies, in the price's units. */
  confidence: bigint;
  exponent: number;
  publishTime: bigint;
  previousPublishTime: bigint;
  postedSlot: bigint;
};

/** The first eight bytes of SHA-256 of "account:PriceUpdateV2", as Anchor marks its accounts. */
const DISCRIMINATOR = Uint8Array.from([0x22, 0xf1, 0x23, 0x63, 0x9d, 0x7e, 0xf4, 0xcd]);
const AUTHORITY_AT = DISCRIMINATOR.length;
const LEVEL_AT = AUTHORITY_AT + 32;
const PARTIAL = 0;
const FULL = 1;
/** The receiver makes room for the longer level, with a count of signatures. */
const ACCOUNT_LENGTH = 134;

const message = getStructCodec([
  ["feedId", fixCodecSize(getBytesCodec(), 32)],
  ["price", getI64Codec()],
  ["confidence", getU64Codec()],
  ["exponent", getI32Codec()],
  ["publishTime", getI64Codec()],
  ["previousPublishTime", getI64Codec()],
  ["averagePrice", getI64Codec()],
  ["averageConfidence", getU64Codec()],
  ["postedSlot", getU64Codec()],
]);

/** Reads a price account's bytes; null when they are not in this format. Whose account it is, is the caller's to check. */
export function decodePriceUpdate(data: ReadonlyUint8Array): PriceUpdate | null {
  const level = data[LEVEL_AT];
  if (DISCRIMINATOR.some((byte, at) => data[at] !== byte)) return null;
  if (level !== FULL && level !== PARTIAL) return null;
  const messageAt = LEVEL_AT + (level === FULL ? 1 : 2);
  if (data.length < messageAt + message.fixedSize) return null;
  const { feedId, ...fields } = message.decode(data, messageAt);
  return {
    writeAuthority: getAddressCodec().decode(data, AUTHORITY_AT),
    verification: level === FULL ? "full" : "partial",
    feedId: getBase16Decoder().decode(feedId),
    price: fields.price,
    confidence: fields.confidence,
    exponent: fields.exponent,
    publishTime: fields.publishTime,
    previousPublishTime: fields.previousPublishTime,
    postedSlot: fields.postedSlot,
  };
}

/** A price account's bytes, as the receiver writes them: for tests and for a local network's simulated price. */
export function encodePriceUpdate(update: PriceUpdate): Uint8Array {
  const { price, confidence, exponent, publishTime, previousPublishTime, postedSlot } = update;
  const data = new Uint8Array(ACCOUNT_LENGTH);
  data.set(DISCRIMINATOR);
  data.set(getAddressCodec().encode(update.writeAuthority), AUTHORITY_AT);
  data[LEVEL_AT] = update.verification === "full" ? FULL : PARTIAL;
  const body = message.encode({
    feedId: getBase16Encoder().encode(update.feedId),
    ...{ price, confidence, exponent, publishTime, previousPublishTime, postedSlot },
    averagePrice: price,
    averageConfidence: confidence,
  });
  data.set(body, LEVEL_AT + (update.verification === "full" ? 1 : 2));
  return data;
}

/** The owner and bytes of a price account; null when there is none. Throws ChainErrors. */
export const readPriceAccount = (
  chain: Chain,
  at: Address,
  commitment: Commitment,
): Promise<{ owner: Address; data: Uint8Array } | null> => readAccount(chain, at, commitment);
