import { connectChain, tokenBalance } from "@ionet/chain";
import { createKeypairFile } from "@ionet/chain/node";
import { formatUnits } from "@ionet/protocol";
import { address } from "@solana/kit";
import { Command } from "commander";
import { contextOf } from "../command-context.ts";
import { openWallet, ownChain } from "../session.ts";
import type { Terminal } from "../terminal.ts";

/** `ionet wallet`: the keypair that signs, and what it holds. */
export const walletCommand = (terminal: Terminal): Command =>
  new Command("wallet")
    .addHelpText("after", "\nExamples:\n  ionet wallet\n  ionet wallet new ~/.config/solana/id.json")
    .addCommand(
      new Command("show")
        .description("Shows the wallet's address and what it holds on the control plane's chain.")
        .action(async (_options, command) => {
          const context = await contextOf(terminal, command);
          const wallet = await openWallet(context.settings);
          const network = await context.anonymous().getNetwork();
          const chain =
            ownChain(context.settings) ??
            connectChain({ url: network.chain.rpcUrl, wsUrl: network.chain.wsUrl });
          const lamports = await chain.rpc.getBalance(wallet.address, { commitment: "confirmed" }).send();
          const tokens: Record<string, string> = { SOL: formatUnits(lamports.value, 9) };
          for (const { symbol, mint, decimals } of network.currencies) {
            const amount = await tokenBalance(chain, wallet.address, address(mint), "confirmed");
            tokens[symbol] = formatUnits(amount ?? 0n, decimals);
          }
          const lines = Object.entries(tokens).map(([symbol, amount]) => `${amount} ${symbol}`);
          context.print({ wallet: wallet.address, ...tokens }, [wallet.address, ...lines].join("\n"));
        }),
      { isDefault: true },
    )
    .addCommand(
      new Command("new")
        .description("Makes a keypair file in Solana's format. Never overwrites one.")
        .argument("<file>", "where")
        .action(async (file: string, _options, command) => {
          const context = await contextOf(terminal, command);
          const wallet = await createKeypairFile(file);
          context.print(
            { wallet: wallet.address, file },
            `${wallet.address} in ${file}. Keep that file: it is the key.`,
          );
        }),
    );
