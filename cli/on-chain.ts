import { type Chain, connectChain } from "@ionet/chain";
import { type Address, isAddress, type KeyPairSigner } from "@solana/kit";
import { type Command, InvalidArgumentError } from "commander";
import { CommandProblem } from "./problem-text.ts";
import { openWallet, webSocketOf } from "./session.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { type Terminal, toJson } from "./terminal.ts";

/** What a command works with that asks the chain alone: no control plane is spoken to. */
export type OnChain = {
  chain: Chain;
  wallet(): Promise<KeyPairSigner>;
  /** Prints a result: `text` for people, `value` for programs. */
  print(value: unknown, text: string): void;
};

/** The Solana endpoint of a command without a control plane: --url means it there, as --rpc does everywhere. */
export async function onChain(terminal: Terminal, command: Command): Promise<OnChain> {
  const { url, ...options } = command.optsWithGlobals<GlobalOptions>();
  const settings = await readSettings(terminal, options);
  const rpcUrl = url ?? settings.rpcUrl;
  if (rpcUrl === undefined || !/^https?:\/\//.test(rpcUrl)) {
    throw new CommandProblem("rpc-missing", "this command asks a Solana endpoint, and none is named", {
      field: "url",
      given: rpcUrl ?? "nothing",
      allowed: "an http(s) address of a Solana RPC endpoint",
      next: "name one with --url (or IONET_RPC_URL), like --url http://127.0.0.1:8899",
    });
  }
  return {
    chain: connectChain({ url: rpcUrl, wsUrl: webSocketOf(rpcUrl) }),
    wallet: () => openWallet(settings),
    print: (value, text) => terminal.out(options.json === true ? toJson(value) : text),
  };
}

/** A command that speaks to the chain alone; its --url is the Solana endpoint's. */
export const withRpcUrl = (command: Command): Command =>
  command.option("--url <rpc>", "the Solana RPC endpoint (IONET_RPC_URL); no control plane is asked");

/** A Solana address on the command line. */
export function solanaAddress(text: string): Address {
  if (isAddress(text)) return text;
  throw new InvalidArgumentError(`Given ${text}; allowed is a Solana address (base58, 32 bytes).`);
}
