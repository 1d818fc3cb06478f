import { flag, list, pubkey, shortLength, text } from "../cursor.ts";
import type { Parser } from "./parsed.ts";

const VALIDATOR_INFO = "Va1idator1nfo111111111111111111111111111111";

/** What a validator says of itself; nothing else that the config program keeps is parsed (Agave 4.1). */
export const parseConfig: Parser = (cursor) => {
  const keys = list((at) => ({ pubkey: pubkey(at), signer: flag(at) }), shortLength)(cursor);
  if (keys[0]?.pubkey !== VALIDATOR_INFO) return undefined;
  const said = text(cursor);
  try {
    return { type: "validatorInfo", info: { configData: JSON.parse(said), keys } };
  } catch {
    return undefined;
  }
};
