import { type Network, problem } from "@ionet/protocol";

/** What a wallet is about to say by signing, and to whom. Times in ms since 1970. */
export type SignInExpectation = {
  /** The control plane's address as the engineer gave it. */
  url: string;
  wallet: string;
  genesisHash: Network["chain"]["genesisHash"];
  nowMs: number;
};

const STATEMENT = "Sign in to ionet. This costs nothing and moves no funds.";
/** The longest that a message may be good for, and as much again for clocks that disagree. */
const LONGEST_MS = 600_000;
/** Solana's public clusters by their genesis hash (what their own RPC endpoints answer to getGenesisHash). */
const CHAIN_IDS: Readonly<Record<string, string>> = {
  "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d": "mainnet",
  EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxkZrG: "devnet",
};
/** The whole text of a Sign-In With Solana message as ionet words it; nothing may stand before, between or after. */
const PATTERN = new RegExp(
  [
    "^(?<domain>\\S+) wants you to sign in with your Solana account:",
    "(?<address>\\S+)",
    "",
    "(?<statement>[^\\n]+)",
    "",
    "URI: (?<uri>\\S+)",
    "Version: 1",
    "Chain ID: (?<chainId>\\S+)",
    "Nonce: (?<nonce>[A-Za-z0-9]{8,64})",
    "Issued At: (?<issuedAt>\\S+)",
    "Expiration Time: (?<expiresAt>\\S+)$",
  ].join("\\n"),
);

/**
 * Reads the message before the wallet signs it. One given out by another control plane, for another wallet or network, or
 * that says anything besides signing in, would let whoever runs this address act elsewhere in the engineer's name.
 * Throws `forbidden`, naming the part that is wrong.
 */
export function requireSignable(message: string, expected: SignInExpectation): void {
  const parts = PATTERN.exec(message)?.groups;
  if (parts === undefined) {
    throw refused(
      "message",
      message.slice(0, 200),
      "a Sign-In With Solana message of ionet, and nothing more",
    );
  }
  const { host } = new URL(expected.url);
  requirePart("domain", parts.domain, host);
  requirePart("URI", hostOf(parts.uri ?? ""), host);
  requirePart("address", parts.address, expected.wallet);
  requirePart("statement", parts.statement, STATEMENT);
  requirePart("Chain ID", parts.chainId, CHAIN_IDS[expected.genesisHash] ?? "localnet");
  const expiresAtMs = Date.parse(parts.expiresAt ?? "");
  // A time that can't be read is NaN, which is below nothing.
  const endsSoon =
    expiresAtMs - Date.parse(parts.issuedAt ?? "") <= LONGEST_MS &&
    expiresAtMs - expected.nowMs <= 2 * LONGEST_MS;
  if (endsSoon) return;
  throw refused("Expiration Time", parts.expiresAt ?? "", `at most ${LONGEST_MS / 60_000} minutes from now`);
}

function requirePart(field: string, given: string | undefined, allowed: string): void {
  if (given !== allowed) throw refused(field, given ?? "", allowed);
}

const hostOf = (uri: string): string => (URL.canParse(uri) ? new URL(uri).host : uri);

const refused = (field: string, given: string, allowed: string) =>
  problem("forbidden", {
    detail: `the message to sign in with is not for this wallet and address: its ${field} is wrong; nothing was signed`,
    field,
    given,
    allowed,
    next: "check the control plane's address (IONET_URL or --url): it must be the one that the control plane names itself by (IONET_PUBLIC_URL there)",
  });
