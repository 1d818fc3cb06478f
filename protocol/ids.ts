import { z } from "zod";

/** Every id says what it names: a prefix, an underscore, 20 letters and digits. */
const prefixes = {
  account: "acc",
  apiKey: "key",
  node: "nod",
  session: "ses",
  quote: "quo",
  reservation: "res",
  request: "req",
  cluster: "clu",
  lease: "lea",
} as const;

export type IdKind = keyof typeof prefixes;
export type Id<Kind extends IdKind> = string & { readonly names: Kind };
export type AccountId = Id<"account">;
export type NodeId = Id<"node">;
export type QuoteId = Id<"quote">;
export type ReservationId = Id<"reservation">;
export type RequestId = Id<"request">;
export type ClusterId = Id<"cluster">;
export type LeaseId = Id<"lease">;

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH = 20;

/** Makes an id from random bytes given by the caller (20 bytes, 5 bits of each are used: 100 bits). */
export function makeId<Kind extends IdKind>(kind: Kind, random: Uint8Array): Id<Kind> {
  if (random.length < LENGTH)
    throw new RangeError(`an id needs ${LENGTH} random bytes, given ${random.length}`);
  let text = "";
  for (const byte of random.subarray(0, LENGTH)) text += ALPHABET.charAt(byte & 31);
  return `${prefixes[kind]}_${text}` as Id<Kind>;
}

/** The schema of an id of one kind; on the wire it is the same text. */
export function idSchema<Kind extends IdKind>(kind: Kind) {
  const text = z
    .string()
    .regex(
      new RegExp(`^${prefixes[kind]}_[${ALPHABET}]{${LENGTH}}$`),
      `expected an id like ${prefixes[kind]}_…`,
    );
  return z.codec(text, z.custom<Id<Kind>>(), { decode: (wire) => wire as Id<Kind>, encode: (id) => id });
}
