import { type ByteCursor, option, pubkey, rest, u32, u64 } from "../cursor.ts";
import type { Parser } from "./parsed.ts";

/** An account of the upgradeable loader: nothing yet, a buffer, a program, or a program's code. */
export const parseLoader: Parser = (cursor) => {
  switch (u32(cursor)) {
    case 0:
      return { type: "uninitialized" };
    case 1:
      return { type: "buffer", info: { authority: option(pubkey)(cursor), data: restAsBase64(cursor) } };
    case 2:
      return { type: "program", info: { programData: pubkey(cursor) } };
    case 3: {
      const slot = u64(cursor);
      return {
        type: "programData",
        info: { authority: option(pubkey)(cursor), data: restAsBase64(cursor), slot },
      };
    }
    default:
      return undefined;
  }
};

/** Where no authority is, its place of 32 bytes still is: a node counts it to the code. */
function restAsBase64(cursor: ByteCursor) {
  return [rest(cursor).toString("base64"), "base64"];
}
