import { describe, expect, it, test } from "vitest";
import { requireSignable, type SignInExpectation } from "./sign-in-message.ts";

const wallet = "So11111111111111111111111111111111111111112";
const expected: SignInExpectation = {
  url: "https://ionet.example",
  wallet,
  genesisHash: "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxkZrG",
  nowMs: Date.parse("2026-01-01T00:00:01.000Z"),
};
const message = [
  "ionet.example wants you to sign in with your Solana account:",
  wallet,
  "",
  "Sign in to ionet. This costs nothing and moves no funds.",
  "",
  "URI: https://ionet.example",
  "Version: 1",
  "Chain ID: devnet",
  "Nonce: 0123456789abcdef0123456789abcdef",
  "Issued At: 2026-01-01T00:00:00.000Z",
  "Expiration Time: 2026-01-01T00:05:00.000Z",
].join("\n");

test("the message of the control plane in use, for this wallet and network, may be signed", () => {
  expect(() => requireSignable(message, expected)).not.toThrow();
  const local = message.replaceAll("ionet.example", "127.0.0.1:8080").replace("devnet", "localnet");
  const here = { ...expected, url: "http://127.0.0.1:8080", genesisHash: "of a network of one's own" };
  expect(() => requireSignable(local, here)).not.toThrow();
});

describe("nothing is signed when the message", () => {
  it.each([
    ["is another control plane's, passed on", "ionet.example wants", "ionet.com wants", "domain"],
    ["names another port", "ionet.example wants", "ionet.example:8080 wants", "domain"],
    ["names another URI", "https://ionet.example", "https://ionet.com", "URI"],
    ["names a host that only looks the same", "https://ionet.example", "https://ionet.example@x.y", "URI"],
    ["is of another wallet", wallet, "11111111111111111111111111111111", "address"],
    ["states something else", "costs nothing and moves no", "lets us move all your", "statement"],
    ["is for another network", "devnet", "mainnet", "Chain ID"],
    ["is good for long", "Time: 2026-01-01T00:05", "Time: 2026-01-01T00:11", "Expiration Time"],
    ["has a time that can't be read", "Time: 2026-01-01T00:05", "Time: soon", "Expiration Time"],
    ["has lines after its end", "00:05:00.000Z", "00:05:00.000Z\nResources:\n- https://x.y", "message"],
    ["has lines in between", "Version: 1", "Version: 1\nRequest ID: 7", "message"],
    ["is a transaction or any other text", message, "\u0001\u0000\u0001", "message"],
  ])("%s", (_why, from, to, field) => {
    const wrong = message.replace(from, to);
    expect(() => requireSignable(wrong, expected)).toThrow(
      expect.objectContaining({ code: "forbidden", input: expect.objectContaining({ field }) }),
    );
  });

  it("was issued in the future to be good for long", () => {
    const later = message.replaceAll("2026-01-01", "2027-01-01");
    expect(() => requireSignable(later, expected)).toThrow(expect.objectContaining({ code: "forbidden" }));
  });
});
