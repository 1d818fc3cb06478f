import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createKeypairFile, readKeypairFile } from "../keypair-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ionet-keys-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Made with Solana's own format in mind: secret 1, 2, 3 … 32, then the public key that belongs to it. */
const KNOWN_ADDRESS = "9C6hybhQ6Aycep9jaUnP6uL9ZYvDjUp1aSkFWPUFJtpj";
const KNOWN_PUBLIC_KEY = "79b5562e8fe654f94078b112e8a98ba7901f853ae695bed7e0e3910bad049664";

const known = () => [
  ...Array.from({ length: 32 }, (_, at) => at + 1),
  ...Buffer.from(KNOWN_PUBLIC_KEY, "hex"),
];

describe("a keypair file", () => {
  it("is made readable for its owner alone, and read back as the same wallet", async () => {
    const path = join(folder, "deep", "wallet.json");
    const made = await createKeypairFile(path);
    expect((await readKeypairFile(path)).address).toBe(made.address);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(path, "utf8"))).toHaveLength(64);
  });

  it("is never overwritten", async () => {
    const path = join(folder, "wallet.json");
    const { address } = await createKeypairFile(path);
    await expect(createKeypairFile(path)).rejects.toThrow("never overwritten");
    expect((await readKeypairFile(path)).address).toBe(address);
  });

  it("of Solana's own tools is read", async () => {
    const path = join(folder, "id.json");
    writeFileSync(path, JSON.stringify(known()));
    expect((await readKeypairFile(path)).address).toBe(KNOWN_ADDRESS);
  });

  it.each([
    ["no JSON", "hello"],
    ["too short", JSON.stringify([1, 2, 3])],
    ["numbers too large", JSON.stringify(known().map((byte) => byte + 256))],
    ["a public key that is another's", JSON.stringify([...known().slice(0, 63), 0])],
  ])("is refused without showing its content: %s", async (_what, content) => {
    const path = join(folder, "bad.json");
    writeFileSync(path, content);
    const error = await readKeypairFile(path).catch((cause: unknown) => String(cause));
    expect(error).toContain("no Solana keypair");
    expect(error).not.toContain(content);
  });

  it("that is missing is named", async () => {
    const path = join(folder, "none.json");
    await expect(readKeypairFile(path)).rejects.toThrow(`${path} can't be read: there is no such file`);
  });
});
