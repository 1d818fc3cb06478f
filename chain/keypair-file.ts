import { randomBytes } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import {
  createKeyPairSignerFromBytes,
  createKeyPairSignerFromPrivateKeyBytes,
  getAddressEncoder,
  type KeyPairSigner,
} from "@solana/kit";
import { z } from "zod";

const SECRET_LENGTH = 32;
const keypairSchema = z.array(z.int().min(0).max(255)).length(2 * SECRET_LENGTH);

/**
 * Reads a key in the format of Solana's own tools: 64 numbers, secret then public key.
 * Throws an Error that names the file, never its content, when it is missing or no key.
 */
export async function readKeypairFile(path: string): Promise<KeyPairSigner> {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === "ENOENT" ? "there is no such file" : (cause.code ?? cause.message);
    throw new Error(`the keypair file ${path} can't be read: ${reason}`);
  });
  const bytes = keypairSchema.safeParse(parseJson(text));
  if (bytes.success) {
    const signer = await createKeyPairSignerFromBytes(new Uint8Array(bytes.data)).catch(() => null);
    if (signer !== null) return signer;
  }
  throw new Error(
    `${path} is no Solana keypair: needed are 64 numbers from 0 to 255 as a JSON list, the public key last, as solana-keygen writes them`,
  );
}

/**
 * Makes a new key and writes it to a file that only its owner can read, folders included.
 * Throws when the file is there already: a key is never overwritten.
 */
export async function createKeypairFile(path: string): Promise<KeyPairSigner> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, "wx", 0o600).catch((cause: NodeJS.ErrnoException) => {
    const reason =
      cause.code === "EEXIST" ? "the file is there already; keys are never overwritten" : cause.message;
    throw new Error(`the keypair file ${path} can't be made: ${reason}`);
  });
  try {
    const secret = new Uint8Array(randomBytes(SECRET_LENGTH));
    const signer = await createKeyPairSignerFromPrivateKeyBytes(secret);
    await file.writeFile(JSON.stringify([...secret, ...getAddressEncoder().encode(signer.address)]));
    await file.sync();
    return signer;
  } finally {
    await file.close();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
