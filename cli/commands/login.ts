import { Command } from "commander";
import { contextOf } from "../command-context.ts";
import { login, openWallet } from "../session.ts";
import { writeConfig } from "../settings.ts";
import type { Terminal } from "../terminal.ts";

/** `ionet login`: signs in with a Solana keypair and remembers where and with which wallet. */
export const loginCommand = (terminal: Terminal): Command =>
  new Command("login")
    .description(
      "Signs in with a Solana keypair file; the key never leaves it. Remembers the control plane and the wallet.",
    )
    .addHelpText(
      "after",
      "\nExamples:\n  ionet login --url http://127.0.0.1:8080 --keypair ~/.config/solana/id.json\n  IONET_API_KEY=… ionet clusters    (programs need no login)",
    )
    .action(async (_options, command) => {
      const context = await contextOf(terminal, command);
      const { settings } = context;
      const wallet = await openWallet(settings);
      const ionet = await login(settings, wallet);
      await writeConfig(settings.configFile, {
        url: ionet.url,
        keypair: settings.keypair,
        ...(settings.rpcUrl ? { rpcUrl: settings.rpcUrl } : {}),
      });
      const account = await ionet.getAccount();
      context.print(account, `Signed in at ${ionet.url} as ${wallet.address} (${account.id}).`);
    });
