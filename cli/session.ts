import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Chain, connectChain } from "@ionet/chain";
import { readKeypairFile } from "@ionet/chain/node";
import { errorText } from "@ionet/machine";
import { createIonet, type Ionet, signIn } from "@ionet/sdk";
import type { KeyPairSigner } from "@solana/kit";
import { z } from "zod";
import { CommandProblem } from "./problem-text.ts";
import { type Settings, writePrivateFile } from "./settings.ts";
import type { Terminal } from "./terminal.ts";

const tokensSchema = z.array(
  z.object({ url: z.string(), wallet: z.string(), token: z.string(), expiresAt: z.string() }),
);
type Tokens = z.infer<typeof tokensSchema>;

const tokenFileOf = (settings: Settings) => join(dirname(settings.configFile), "tokens.json");

/** The wallet's signer, from its keypair file. */
export async function openWallet(settings: Settings): Promise<KeyPairSigner> {
  try {
    return await readKeypairFile(settings.keypair);
  } catch (error) {
    throw new CommandProblem("keypair-unreadable", "the wallet's keypair file can't be read", {
      field: "keypair",
      given: `${settings.keypair} (${errorText(error)})`,
      allowed: "a keypair file in Solana's format (a JSON array of 64 numbers)",
      next: "name one with --keypair, or make one with `ionet wallet new` or `solana-keygen new`",
    });
  }
}

/**
 * A client that speaks for the engineer: with IONET_API_KEY, else with the stored sign-in, else with a new sign-in that
 * is stored (readable by its owner only).
 */
export async function openSession(terminal: Terminal, settings: Settings): Promise<Ionet> {
  const ionet = createIonet({ url: settings.url });
  if (settings.apiKey) return ionet.withToken(settings.apiKey);
  const wallet = await openWallet(settings);
  const stored = (await readTokens(settings)).find(
    (one) => one.url === ionet.url && one.wallet === wallet.address,
  );
  if (
    stored &&
    Date.parse(stored.expiresAt) - terminal.clock.now() > 60_000 &&
    (await works(ionet, stored.token))
  ) {
    return ionet.withToken(stored.token);
  }
  return login(settings, wallet);
}

/** Signs in with the wallet and stores the token. */
export async function login(settings: Settings, wallet: KeyPairSigner): Promise<Ionet> {
  const { ionet, expiresAt } = await signIn(createIonet({ url: settings.url }), wallet);
  const others = (await readTokens(settings)).filter(
    (one) => one.url !== ionet.url || one.wallet !== wallet.address,
  );
  const tokens = [...others, { url: ionet.url, wallet: wallet.address, token: ionet.token ?? "", expiresAt }];
  await writePrivateFile(tokenFileOf(settings), `${JSON.stringify(tokens, null, 2)}\n`);
  return ionet;
}

/** The engineer's own Solana endpoint where one is set; undefined: the control plane's. */
export const ownChain = (settings: Settings): Chain | undefined =>
  settings.rpcUrl === undefined
    ? undefined
    : connectChain({ url: settings.rpcUrl, wsUrl: webSocketOf(settings.rpcUrl) });

/** Solana's convention: the WebSocket is one port above the RPC's; hosted endpoints have both on one address. */
export function webSocketOf(rpcUrl: string): string {
  const url = new URL(rpcUrl.replace(/^http/, "ws"));
  if (url.port !== "") url.port = String(Number(url.port) + 1);
  return url.toString();
}

/** A local network that was started anew knows no old token. */
async function works(ionet: Ionet, token: string): Promise<boolean> {
  try {
    await ionet.withToken(token).getAccount();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "unauthenticated") return false;
    throw error;
  }
}

async function readTokens(settings: Settings): Promise<Tokens> {
  const text = await readFile(tokenFileOf(settings), "utf8").catch(() => "[]");
  try {
    return tokensSchema.parse(JSON.parse(text));
  } catch {
    return [];
  }
}
