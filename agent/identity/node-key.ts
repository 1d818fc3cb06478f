import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

const FILE = "node-key.pem";

/** The node's own Ed25519 key: made on this machine, never leaving it. */
export type NodeKey = {
  privateKey: KeyObject;
  /** 32 bytes in base64, as the control plane knows the node. */
  publicKey: string;
  /** An Ed25519 signature in base64. */
  sign(bytes: Uint8Array): string;
};

/** Reads the key in the state folder, or makes it (PKCS#8, readable by its owner only). */
export async function openNodeKey(stateFolder: string): Promise<NodeKey> {
  const path = join(stateFolder, FILE);
  const pem = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    return undefined;
  });
  if (pem !== undefined) return nodeKeyOf(createPrivateKey(pem));
  const { privateKey } = generateKeyPairSync("ed25519");
  // Renamed into place, so that a kill leaves a whole key or none.
  await writeFile(`${path}.new`, privateKey.export({ format: "pem", type: "pkcs8" }), { mode: 0o600 });
  await rename(`${path}.new`, path);
  return nodeKeyOf(privateKey);
}

/** The node key that a private key is. */
export function nodeKeyOf(privateKey: KeyObject): NodeKey {
  const { x } = createPublicKey(privateKey).export({ format: "jwk" });
  return {
    privateKey,
    publicKey: Buffer.from(x ?? "", "base64url").toString("base64"),
    sign: (bytes) => sign(null, bytes, privateKey).toString("base64"),
  };
}
