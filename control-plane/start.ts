import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Chain, connectChain } from "@ionet/chain";
import { readKeypairFile } from "@ionet/chain/node";
import { errorText, freePort, systemClock } from "@ionet/machine";
import type { KeyPairSigner } from "@solana/kit";
import type { FastifyBaseLogger } from "fastify";
import { checkFallbacks, type ReadyChain, waitForChain } from "./chain-ready.ts";
import { composeSteps } from "./compose.ts";
import { type Config, StartProblem } from "./config.ts";
import { aliveClusters } from "./delivery/clusters/store.ts";
import { attachGateway } from "./delivery/gateway/attach-gateway.ts";
import { gatewayParts } from "./delivery/gateway/gateway-parts.ts";
import { attachLinkTest } from "./delivery/sync/link-test.ts";
import { admitBookings } from "./market/reservations/admit.ts";
import { authenticateBearer } from "./platform/accounts/authenticate.ts";
import type { ChainContext } from "./platform/context.ts";
import { type OpenDatabase, openPglite, openPostgres } from "./platform/database/open.ts";
import { createMetrics } from "./platform/http/metrics.ts";
import { createServer } from "./platform/http/server.ts";
import { startReconcilers } from "./platform/reconcilers.ts";
import { createSignals } from "./platform/signals.ts";
import { openAllocation } from "./supply/inventory/allocation/allocation.ts";
import { countNodes } from "./supply/nodes/store.ts";

/** A control plane that listens. `stop` answers held calls, lets running reconcilers end and closes the database. */
export type RunningControlPlane = { url: string; stop(): Promise<void> };

/**
 * Starts a control plane: waits for its chain, opens its database, composes the steps, listens.
 * Throws StartProblems ("wrong-network", "meter-unknown", "port-taken", …) and DatabaseFolderInUse.
 * @param signal ends the wait for the chain
 */
export async function startControlPlane(
  config: Config,
  parts: { log: FastifyBaseLogger; signal: AbortSignal },
): Promise<RunningControlPlane> {
  const { log } = parts;
  const [meter, payer] = await Promise.all([
    readKey("IONET_METER_KEYPAIR", config.meterKeypairFile),
    readKey("IONET_PAYER_KEYPAIR", config.payerKeypairFile),
  ]);
  // Before anything else is started; for port 0 a free one is found, since routes tell the URL.
  const port = await freePort(config).catch((error: unknown) => {
    throw portTaken(error, config.port) ?? error;
  });
  const { chain, ready } = await joinNetwork(config, meter, parts);
  const { db, openConnection, close } = await openDatabase(config.database);

  const signals = createSignals();
  const ctx: ChainContext = {
    db,
    clock: systemClock,
    random: { bytes: (count) => new Uint8Array(randomBytes(count)) },
    log,
    wake: signals.wake,
    nodeChanged: signals.nodeChanged,
    chain,
    meter,
    payer,
  };
  const metrics = createMetrics({
    nodes: () => countNodes(ctx),
    clusters: async () => countBy((await aliveClusters(ctx)).map(({ cluster }) => cluster.state)),
  });
  const publicUrl = config.publicUrl ?? `http://${config.host}:${port}`;
  const allocation = openAllocation({ openConnection, log }, admitBookings);
  const { handlers, verifyNode, reconcilers } = composeSteps(ctx, config, {
    ...{ ready, signals, allocation, publicUrl },
  });
  const authenticate = (token: string) => authenticateBearer(ctx, token);
  const server = createServer({ ctx, log, handlers, authenticate, verifyNode, metrics });
  attachLinkTest(server, { ...ctx, verifyNode });
  attachGateway(server, gatewayParts(ctx, verifyNode));
  try {
    await server.listen({ host: config.host, port });
  } catch (error) {
    await server.close();
    await close();
    throw portTaken(error, port) ?? error;
  }
  const running = startReconcilers(
    { log, signals, meter: metrics, monotonicMs: () => performance.now() },
    reconcilers,
  );
  return {
    url: publicUrl,
    stop: async () => {
      await Promise.all([server.close(), running.stop()]);
      await allocation.stop();
      await close();
    },
  };
}

/** Waits for the chain, and looks whether it is the right one and knows this meter. */
async function joinNetwork(
  config: Config,
  meter: KeyPairSigner,
  { log, signal }: { log: FastifyBaseLogger; signal: AbortSignal },
): Promise<{ chain: Chain; ready: ReadyChain }> {
  const chain = connectChain({
    url: config.rpcUrl,
    fallbackUrls: config.rpcFallbackUrls,
    wsUrl: config.wsUrl,
    onFailOver: (change) => log.warn(change, "a Solana endpoint does not answer, another one is asked"),
  });
  const pause = (ms: number) => sleep(ms, undefined, { signal });
  const ready = await waitForChain(chain, config.network, { log, pause, signal });
  await checkFallbacks(config, ready.genesisHash, log);
  if (!ready.network.meters.includes(meter.address)) {
    throw new StartProblem(
      "meter-unknown",
      `the key in IONET_METER_KEYPAIR (${meter.address}) is no meter of this network; it has: ${ready.network.meters.join(", ")}`,
    );
  }
  return { chain, ready };
}

async function openDatabase(database: Config["database"]): Promise<OpenDatabase> {
  if (database.kind === "folder") return openPglite(database.folder);
  try {
    return await openPostgres(database.url);
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    // The driver's words name the host and the user, never the password.
    const why = error.message || String(error.code);
    throw new StartProblem(
      "database-unreachable",
      `DATABASE_URL: ${why}. Check the server, the user and the password.`,
    );
  }
}

async function readKey(variable: string, file: string): Promise<KeyPairSigner> {
  try {
    return await readKeypairFile(file);
  } catch (error) {
    throw new StartProblem("keypair-unreadable", `${variable}: ${errorText(error)}`);
  }
}

function countBy(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

function portTaken(error: unknown, port: number): StartProblem | null {
  if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) return null;
  return new StartProblem(
    "port-taken",
    `port ${port} is in use. End what listens there, or set PORT to another one (0: any free one).`,
  );
}
