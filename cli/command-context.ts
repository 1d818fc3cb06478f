import { createIonet, type Ionet } from "@ionet/sdk";
import type { Command } from "commander";
import { type GlobalOptions, readSettings, type Settings } from "./settings.ts";
import { type Terminal, toJson } from "./terminal.ts";

/** What a command works with: where it prints, what it was told, whom it speaks for. */
export type CommandContext = {
  terminal: Terminal;
  settings: Settings;
  json: boolean;
  /** A client that speaks for nobody. */
  anonymous(): Ionet;
  /** A client that speaks for the engineer; signs in when need be. */
  session(): Promise<Ionet>;
  /** Prints a result: `text` for people, `value` for programs. */
  print(value: unknown, text: string): void;
};

/** Options stand before or after the command's name. */
export async function contextOf(terminal: Terminal, command: Command): Promise<CommandContext> {
  const options = command.optsWithGlobals<GlobalOptions>();
  const settings = await readSettings(terminal, options);
  const json = options.json === true;
  return {
    terminal,
    settings,
    json,
    anonymous: () => createIonet({ url: settings.url }),
    // Only who signs needs the wallet and the chain.
    session: async () => (await import("./session.ts")).openSession(terminal, settings),
    print: (value, text) => terminal.out(json ? toJson(value) : text),
  };
}
