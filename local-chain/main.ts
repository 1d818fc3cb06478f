import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { errorText, systemClock } from "@ionet/machine";
import { createMovableClock } from "./clock.ts";
import { TEST_MINTS } from "./genesis.ts";
import { openLedger } from "./ledger/ledger.ts";
import { LedgerProblem } from "./ledger/ledger-problem.ts";
import { createLocalNetwork } from "./network.ts";
import { BadOption, readCommandLine } from "./options.ts";
import { PortTaken, serveRpc } from "./rpc/server.ts";

/** Starts the network, says where it is in one line of JSON, and ends cleanly when told to. */
async function main(): Promise<void> {
  const options = readCommandLine(process.argv.slice(2));
  const { upgradeAuthority } = options;
  const programs = await Promise.all(
    options.programs.map(async ({ address, path }) => ({
      address,
      elf: await readElf(path),
      upgradeAuthority,
    })),
  );
  const ledger = options.ledger === undefined ? undefined : openLedger(options.ledger);
  const network = await createLocalNetwork({
    ...(ledger === undefined ? {} : { ledger }),
    clock: options.movableClock ? createMovableClock(systemClock) : systemClock,
    randomBytes: (count) => new Uint8Array(randomBytes(count)),
    programs,
    finalizedAfterSlots: options.finalizedAfterSlots,
  });
  const server = await serveRpc(network, options.port, (method, fault) => console.error(`${method}:`, fault));

  const end = async () => {
    await server.close();
    network.save();
    ledger?.close();
    process.exit(0);
  };
  const stop = () => void end();
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  if (options.exitWithParent) {
    process.stdin.once("end", stop).once("error", stop);
    process.stdin.resume();
  }

  const ready = {
    rpcUrl: server.rpcUrl,
    wsUrl: server.wsUrl,
    genesisHash: network.genesisHash,
    mints: { USDC: TEST_MINTS.USDC.address },
    programs: programs.map(({ address }) => ({ address, upgradeAuthority })),
  };
  console.log(JSON.stringify(ready));
}

async function readElf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new BadOption("program", path, `a readable file (${errorText(cause)})`);
  }
}

main().catch((fault: unknown) => {
  const known = fault instanceof PortTaken || fault instanceof BadOption || fault instanceof LedgerProblem;
  console.error(known ? `local-chain: ${fault.code}: ${fault.message}` : fault);
  process.exit(1);
});
