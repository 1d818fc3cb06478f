import { list, option, pubkey, u8, u16, u32, u64Text } from "../cursor.ts";
import type { Parser } from "./parsed.ts";

const META_BYTES = 56;
const ADDRESS_BYTES = 32;

/** An address lookup table: 56 bytes of meta data, then its addresses. */
export const parseLookupTable: Parser = (cursor) => {
  const addressBytes = cursor.data.length - META_BYTES;
  const kind = u32(cursor);
  if (addressBytes < 0 || kind > 1) return undefined;
  if (kind === 0) return { type: "uninitialized" };
  const deactivationSlot = u64Text(cursor);
  const lastExtendedSlot = u64Text(cursor);
  const lastExtendedSlotStartIndex = u8(cursor);
  const authority = option(pubkey)(cursor);
  u16(cursor);
  if (addressBytes % ADDRESS_BYTES !== 0) return undefined;
  cursor.at = META_BYTES;
  const info = {
    addresses: list(pubkey, () => addressBytes / ADDRESS_BYTES)(cursor),
    ...(authority === null ? {} : { authority }),
    deactivationSlot,
    lastExtendedSlot,
    lastExtendedSlotStartIndex,
  };
  return { type: "lookupTable", info };
};
