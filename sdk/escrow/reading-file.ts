import { chainTag, ESCROW_PROGRAM, networkAddress } from "@ionet/chain";
import {
  decodeReading,
  errorText,
  problem,
  type Reading,
  type SignedReading,
  signedReadingSchema,
} from "@ionet/protocol";
import {
  type Address,
  address,
  getAddressDecoder,
  getAddressEncoder,
  getBase64Encoder,
  getPublicKeyFromAddress,
  signatureBytes,
  verifySignature,
} from "@solana/kit";

/** A meter's signed word about one escrow, checked as far as it can be without the chain's accounts. */
export type CheckedReading = {
  escrow: Address;
  meter: Address;
  /** The bytes that the meter signed. */
  bytes: Uint8Array;
  signature: Uint8Array;
  says: Reading;
};

/**
 * Reads a file as agents keep it (`readings/CLUSTER.json` in the agent's state folder). Throws `reading-unusable` with
 * the field when the text is none, or its bytes are no reading, or the signature is not the meter's.
 */
export async function parseReadingFile(text: string): Promise<CheckedReading> {
  const file = parseFields(text);
  const bytes = new Uint8Array(getBase64Encoder().encode(file.reading));
  const signature = new Uint8Array(getBase64Encoder().encode(file.signature));
  const says = decode(bytes);
  const escrow = getAddressDecoder().decode(says.escrow);
  if (file.escrow !== escrow) {
    throw unusable(
      "escrow",
      file.escrow,
      escrow,
      "the file names another escrow than the bytes the meter signed",
    );
  }
  const meter = address(file.meter);
  const key = await getPublicKeyFromAddress(meter);
  const signed = signature.length === 64 && (await verifySignature(key, signatureBytes(signature), bytes));
  if (!signed) {
    const allowed = `the Ed25519 signature of ${meter} over these bytes`;
    throw unusable("signature", file.signature, allowed, "the signature is not the meter's");
  }
  return { escrow, meter, bytes, signature, says };
}

/**
 * The reading has to be for the chain it is brought to, and for this version's program. Throws `wrong-network`.
 */
export async function requireReadingOf(
  genesisHash: string,
  rpcUrl: string,
  { says }: CheckedReading,
): Promise<void> {
  const text = (bytes: Uint8Array) => getAddressDecoder().decode(bytes);
  const expected: readonly [field: string, given: Uint8Array, allowed: Uint8Array][] = [
    ["chain", says.chainTag, chainTag(genesisHash)],
    ["program", says.program, new Uint8Array(getAddressEncoder().encode(ESCROW_PROGRAM))],
    ["network", says.network, new Uint8Array(getAddressEncoder().encode(await networkAddress()))],
  ];
  for (const [field, given, allowed] of expected) {
    if (text(given) === text(allowed)) continue;
    throw problem("wrong-network", {
      detail: `the reading is for another ${field}; nothing was sent`,
      field,
      given: text(given),
      allowed: `${text(allowed)}, which is that of ${rpcUrl}`,
      next: "name the Solana endpoint of the network on which the escrow was opened, with --url",
    });
  }
}

function parseFields(text: string): SignedReading {
  const read = signedReadingSchema.safeParse(parseJson(text));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = issue?.path.join(".") || "file";
  const allowed = '{"clusterId", "escrow", "meter", "reading", "signature"}, as the agent writes it';
  throw unusable(field, issue?.message ?? "no reading", allowed, "the file holds no signed reading");
}

function decode(bytes: Uint8Array): Reading {
  try {
    return decodeReading(bytes);
  } catch (error) {
    const given = errorText(error);
    throw unusable("reading", given, "the bytes of a reading, in base64", "the signed bytes can't be read");
  }
}

const unusable = (field: string, given: string, allowed: string, detail: string) =>
  problem("reading-unusable", {
    ...{ field, given, allowed },
    detail: `${detail}; nothing was sent`,
    next: "take the file readings/CLUSTER.json out of the agent's state folder, unchanged",
  });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
