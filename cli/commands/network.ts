import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { Command } from "commander";
import { wholeNumber } from "../arguments.ts";
import { contextOf } from "../command-context.ts";
import type { NetworkDescription } from "../network/description.ts";
import { fundEngineer } from "../network/fund-engineer.ts";
import { holdNetwork, runningNetwork } from "../network/hold-network.ts";
import { requireClone } from "../network/require-clone.ts";
import { stopNetwork } from "../network/stop-network.ts";
import { CommandProblem } from "../problem-text.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";

const port = wholeNumber(0, 65_534);
type UpOptions = { state: string; port: number; rpcPort: number; loopback?: boolean };

/** `ionet network up`, `ionet network down`: a whole network on this machine. */
export const networkCommand = (terminal: Terminal): Command =>
  new Command("network")
    .addHelpText(
      "after",
      "\nExamples:\n  ionet network up\n  ionet network up --port 0 --rpc-port 0 --state /tmp/ionet\n  ionet network down",
    )
    .addCommand(
      new Command("up")
        .description(
          "Starts a Solana network, a control plane and five agents with simulated GPUs on this machine, and holds them until Ctrl-C. Keys stay in the state folder; chain and database begin anew.",
        )
        .option("--state <folder>", "keys, database, logs", ".ionet")
        .option("--port <port>", "of the control plane; 0: a free one", port, 8080)
        .option("--rpc-port <port>", "of the Solana network; 0: a free one", port, 8899)
        .option("--loopback", "Ray on loopback even where network namespaces are possible")
        .action(async (options: UpOptions, command) => {
          requireClone();
          const context = await contextOf(terminal, command);
          const stateFolder = resolve(options.state);
          let isReady = false;
          const reports = await holdNetwork({
            stateFolder,
            port: options.port,
            rpcPort: options.rpcPort,
            loopback: options.loopback === true,
            signal: terminal.signal,
            onProgress: ({ part, message }) => terminal.note(`${part}: ${message}`),
            onReady: async ({ description }) => {
              isReady = true;
              const engineer = await fundEngineer(description);
              context.print({ ...description, engineer }, upText(description, engineer.config));
            },
          });
          const left = reports.flatMap((report) => report.left);
          terminal.note(
            `${reports.length} processes ended${left.length === 0 ? ", nothing is left" : `; left: ${left.map(({ pid }) => pid).join(", ")}`}`,
          );
          if (!isReady) terminal.signal.throwIfAborted();
        }),
    )
    .addCommand(
      new Command("down")
        .description("Ends the network of a state folder.")
        .option("--state <folder>", "its state folder", ".ionet")
        .option("--remove", "remove the state folder too, with the keys in it")
        .action(async (options: { state: string; remove?: boolean }, command) => {
          const context = await contextOf(terminal, command);
          const stateFolder = resolve(options.state);
          const network = await runningNetwork(stateFolder);
          if (network === undefined) {
            throw new CommandProblem("network-not-running", "no network runs there", {
              field: "state",
              given: stateFolder,
              allowed: "the state folder of a running network",
              next: "start one with `ionet network up`, or name its folder with --state",
            });
          }
          const report = await stopNetwork(network);
          if (options.remove) await rm(stateFolder, { recursive: true, force: true });
          context.print(
            report,
            `${report.ended} processes ended, ${report.killed} of them killed${report.left.length === 0 ? "; nothing is left" : `; left: ${report.left.map(({ pid }) => pid).join(", ")}`}`,
          );
        }),
    );

/** What a person does next with a network that has come up. */
export function upText(network: NetworkDescription, config: string, temporary = false): string {
  const nodes = network.suppliers.flatMap((supplier) =>
    supplier.nodes.map((node) => [
      node.name,
      supplier.kind,
      supplier.country,
      node.simulated === null ? "real GPUs" : `${node.simulated}, simulated`,
      `$${node.price}`,
    ]),
  );
  return [
    table(["node", "kind", "country", "GPUs", ">$/GPU-hour"], nodes),
    "",
    `control plane ${network.url}, Solana ${network.rpcUrl}, state ${network.stateFolder}`,
    "An engineer with test USDC is ready. In another terminal:",
    `  export IONET_CONFIG=${config}`,
    "  npx ionet search a100-40gb",
    "  npx ionet rent a100-40gb -n 4 --min-suppliers 3",
    "  npx ionet clusters",
    `  npx ionet network down --state ${network.stateFolder}${temporary ? " --remove" : ""}`,
  ].join("\n");
}
