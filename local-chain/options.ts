import { parseArgs } from "node:util";
import { errorText } from "@ionet/machine";
import { type Address, isAddress } from "@solana/kit";

/** What the command line asks for. */
export type CommandLine = {
  readonly port: number;
  readonly programs: readonly { address: Address; path: string }[];
  readonly upgradeAuthority: Address | null;
  readonly finalizedAfterSlots: number;
  readonly movableClock: boolean;
  readonly exitWithParent: boolean;
  /** The folder of the network's ledger; undefined: the network ends with its process. */
  readonly ledger: string | undefined;
};

export const USAGE = `local-chain: a Solana network for this machine
  --port PORT                 JSON-RPC and WebSocket; WebSocket on PORT + 1 too (8899; 0: free ones)
  --program ADDRESS=PATH.so   puts a program there, as often as needed
  --upgrade-authority ADDRESS who may upgrade these programs (nobody)
  --finalized-after SLOTS     slots of 0.4 s until a slot is final (2; about 31 on mainnet)
  --movable-clock             lets clients move time ahead: ionet_advanceClock [seconds]
  --ledger DIR                keeps the network there over a restart, also after kill -9; what was confirmed is
                              there again, programs too (nothing is kept)
  --exit-with-parent          ends when standard input closes`;

/** An option that is missing or wrong, named. */
export class BadOption extends Error {
  readonly code = "bad_option";
  constructor(option: string, given: string, allowed: string) {
    super(`--${option}: given ${given}; allowed: ${allowed}`);
  }
}

/** @throws BadOption */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { values } = parse(args);
  return {
    port: readNumber("port", values.port, 0, 65_534),
    programs: (values.program ?? []).map(readProgram),
    upgradeAuthority: readAuthority(values["upgrade-authority"]),
    finalizedAfterSlots: readNumber("finalized-after", values["finalized-after"], 1, 64),
    movableClock: values["movable-clock"],
    exitWithParent: values["exit-with-parent"],
    ledger: readFolder(values.ledger),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: "string", default: "8899" },
        program: { type: "string", multiple: true },
        "upgrade-authority": { type: "string" },
        "finalized-after": { type: "string", default: "2" },
        "movable-clock": { type: "boolean", default: false },
        ledger: { type: "string" },
        "exit-with-parent": { type: "boolean", default: false },
      },
    });
  } catch (cause) {
    throw new BadOption("…", errorText(cause), `\n${USAGE}`);
  }
}

function readNumber(option: string, text: string, least: number, most: number): number {
  const number = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new BadOption(option, text, `a whole number from ${least} to ${most}`);
}

function readProgram(text: string): { address: Address; path: string } {
  const at = text.indexOf("=");
  const address = text.slice(0, Math.max(at, 0));
  const path = text.slice(at + 1);
  if (isAddress(address) && path !== "") return { address, path };
  throw new BadOption("program", text, "ADDRESS=PATH.so");
}

function readAuthority(text: string | undefined): Address | null {
  if (text === undefined) return null;
  if (isAddress(text)) return text;
  throw new BadOption("upgrade-authority", text, "an address (32 bytes in base58)");
}

function readFolder(text: string | undefined): string | undefined {
  if (text === "") throw new BadOption("ledger", text, "a folder");
  return text;
}
