import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultCacheFolder, prepareEnvironment } from "@ionet/agent";
import { readKeypairFile } from "@ionet/chain/node";
import type { Currency } from "@ionet/protocol";
import { Command } from "commander";
import { contextOf } from "../command-context.ts";
import { type DemoOutcome, failuresOf, outcomeJson, paymentText } from "../demo/report.ts";
import { nodeNames, runDemo } from "../demo/run-demo.ts";
import { createStages, type Stages } from "../demo/stages.ts";
import { amountText } from "../money-text.ts";
import type { NetworkDescription } from "../network/description.ts";
import { fundEngineer, type LocalEngineer } from "../network/fund-engineer.ts";
import { type Keeper, startKeeper } from "../network/keeper.ts";
import { requireClone } from "../network/require-clone.ts";
import { short } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { payOption } from "./demand-options.ts";
import { upText } from "./network.ts";

/** `ionet demo`: the whole flow on this machine, from nothing to settled. */
export const demoCommand = (terminal: Terminal): Command =>
  new Command("demo")
    .description(
      "Starts a whole network on this machine, rents a Ray cluster of four simulated A100 from at least three suppliers, runs a real job on it, and settles on a local Solana network.",
    )
    .addOption(payOption())
    .option("--keep", "leave the network running and print how to go on")
    .addHelpText(
      "after",
      "\nExamples:\n  ionet demo\n  ionet demo --pay sol\n  ionet demo --keep\n  ionet demo --json > demo.json",
    )
    .action(async (options: { keep?: boolean; pay: Currency }, command) => {
      requireClone();
      const context = await contextOf(terminal, command);
      const stages = createStages(terminal);
      const stateFolder = await mkdtemp(join(tmpdir(), "ionet-demo-"));
      const started: Started = { stateFolder, keeper: undefined, escrow: undefined };
      try {
        const played = await play(terminal, stages, started, options.pay);
        const failures = failuresOf(played.outcome);
        stages.note(paymentText(played.outcome, nodeNames(played.network)));
        if (options.keep && started.keeper) await started.keeper.keep();
        else await stages.run("cleanup", () => cleanUp(stages, started));
        const json = outcomeJson(played.outcome, stages.seconds());
        if (context.json) context.print(options.keep ? { ...json, kept: keptJson(played) } : json, "");
        if (options.keep) terminal.note(`\n${upText(played.network, played.engineer.config, true)}`);
        for (const failure of failures) terminal.note(`✘ ${failure}`);
        terminal.note(
          `${failures.length === 0 ? "Done" : "Failed"} in ${stages.seconds().total?.toFixed(1)} s.`,
        );
        process.exitCode = failures.length === 0 ? 0 : 1;
      } catch (error) {
        const during = stages.failed();
        await cleanUp(stages, started);
        if (started.escrow)
          stages.note(`${started.escrow} ended with the local Solana network: test money only.`);
        terminal.note(`Stopped in the stage "${during}".`);
        throw error;
      }
    });

/** The installer's line a package: more than a newcomer wants to read. */
const DETAIL = /^\s*([+]|Downloaded|Using Python)\s/;

type Started = { stateFolder: string; keeper: Keeper | undefined; escrow: string | undefined };
type Played = { outcome: DemoOutcome; network: NetworkDescription; engineer: LocalEngineer };

async function play(
  terminal: Terminal,
  stages: Stages,
  started: Started,
  currency: Currency,
): Promise<Played> {
  const { signal } = terminal;
  await stages.run("environment", async () => {
    const environment = await prepareEnvironment({
      cacheFolder: defaultCacheFolder(process.env),
      ...(process.env.IONET_PYTHON ? { preferredPython: process.env.IONET_PYTHON } : {}),
      signal,
      onProgress: ({ message }) => {
        if (!DETAIL.test(message)) stages.note(message);
      },
    });
    stages.note(
      `Ray ${environment.rayVersion} on Python ${environment.pythonVersion}, kept in ${environment.folder}`,
    );
  });
  const { network, engineer } = await stages.run("network", async () => {
    const { stateFolder } = started;
    const onProgress = ({ part, message }: { part: string; message: string }) =>
      stages.note(`${part.padEnd(13)} ${message}`);
    started.keeper = startKeeper({ stateFolder, onProgress });
    const ready = await untilAborted(started.keeper.ready, signal);
    stages.note(suppliersText(ready));
    return { network: ready, engineer: await fundEngineer(ready) };
  });
  const outcome = await runDemo({
    stages,
    signal,
    network,
    currency,
    signer: await readKeypairFile(engineer.keypair),
    onFunded: (escrow, deposited) => {
      started.escrow = `The escrow ${escrow} with ${amountText(deposited, currency)}`;
    },
  });
  started.escrow = undefined;
  return { outcome, network, engineer };
}

/** Ends all that runs, removes the state folder, and says what was left. */
async function cleanUp(stages: Stages, started: Started): Promise<void> {
  const stopped = await started.keeper?.stop();
  await rm(started.stateFolder, { recursive: true, force: true, maxRetries: 3 });
  if (stopped === undefined) return;
  const left = stopped.left.map(({ pid }) => pid).join(", ");
  const killed = stopped.killed.length === 0 ? "" : ` (${stopped.killed.join(", ")} had to be killed)`;
  stages.note(
    `${stopped.processes} processes ended${killed}; ${left === "" ? "nothing is left running" : `left: ${left}`}`,
  );
  stages.note(`left on disk: the Ray environment in ${defaultCacheFolder(process.env)}, for the next time`);
}

const keptJson = ({ network, engineer }: Played) => ({
  url: network.url,
  rpcUrl: network.rpcUrl,
  stateFolder: network.stateFolder,
  config: engineer.config,
});

function suppliersText(network: NetworkDescription): string {
  return network.suppliers
    .flatMap(({ kind, country, wallet, nodes }) =>
      nodes.map(({ name, simulated }) => {
        const gpus =
          simulated === null ? "real GPUs of this machine" : `${simulated} (simulated: no such card is here)`;
        return `${name.padEnd(16)} ${kind.padEnd(16)} ${country}  wallet ${short(wallet)}  ${gpus}`;
      }),
    )
    .join("\n");
}

/** What a promise gives, unless the person gives up first. */
function untilAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
