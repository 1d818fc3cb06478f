import { randomBytes } from "node:crypto";
import { createServer as createNetServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connectChain, readKeypairFile } from "@ionet/chain";
import type { KeyPairSigner } from "@solana/kit";
import type { FastifyBaseLogger } from "fastify";
import { checkFallbacks, waitForChain } from "./chain-ready.ts";
import { type Config, StartProblem } from "./config.ts";
import { latestEnds } from "./delivery/clusters/lease-ends.ts";
import { reconcileClusters } from "./delivery/clusters/reconcile.ts";
import { clusterRoutes } from "./delivery/clusters/routes.ts";
import { aliveClusters } from "./delivery/clusters/store.ts";
import { reconcileEscrows } from "./delivery/escrows/reconcile.ts";
import { attachGateway } from "./delivery/gateway/attach-gateway.ts";
import { gatewayParts } from "./delivery/gateway/gateway-parts.ts";
import { reconcileMetering } from "./delivery/metering/reconcile.ts";
import { reconcileSettlement } from "./delivery/settlement/reconcile.ts";
import { settlementRoutes } from "./delivery/settlement/routes.ts";
import { attachLinkTest } from "./delivery/sync/link-test.ts";
import { createSync } from "./delivery/sync/routes.ts";
import { compareRoutes } from "./market/compare/routes.ts";
import { liveConnectors } from "./market/connectors/connectors.ts";
import { earningsRoutes } from "./market/earnings/routes.ts";
import { createRequests } from "./market/requests/routes.ts";
import { admitBookings } from "./market/reservations/admit.ts";
import { reconcileReservations } from "./market/reservations/reconcile.ts";
import { reservationRoutes } from "./market/reservations/routes.ts";
import { searchRoutes } from "./market/search/routes.ts";
import { describeNetwork, paymentTerms } from "./network.ts";
import { authenticateBearer } from "./platform/accounts/authenticate.ts";
import { accountRoutes } from "./platform/accounts/routes.ts";
import type { ChainContext } from "./platform/context.ts";
import { type OpenDatabase, openPglite, openPostgres } from "./platform/database/open.ts";
import type { Handlers } from "./platform/http/handlers.ts";
import { createMetrics } from "./platform/http/metrics.ts";
import { createServer } from "./platform/http/server.ts";
import { startReconcilers } from "./platform/reconcilers.ts";
import { createSignals } from "./platform/signals.ts";
import { openAllocation } from "./supply/inventory/allocation/allocation.ts";
import { openLiveOffers } from "./supply/inventory/live-offers.ts";
import { reconcileNodes } from "./supply/nodes/reconcile.ts";
import { nodeRoutes } from "./supply/nodes/routes.ts";
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
  const { log, signal } = parts;
  const [meter, payer] = await Promise.all([
    readKey("IONET_METER_KEYPAIR", config.meterKeypairFile),
    readKey("IONET_PAYER_KEYPAIR", config.payerKeypairFile),
  ]);
  const port = await freePort(config);
  const chain = connectChain({
    url: config.rpcUrl,
    fallbackUrls: config.rpcFallbackUrls,
    wsUrl: config.wsUrl,
    onFailOver: (change) => log.warn(change, "a Solana endpoint does not answer, another one is asked"),
  });
  const ready = await waitForChain(chain, config.network, {
    log,
    pause: (ms) => sleep(ms, undefined, { signal }),
    signal,
  });
  await checkFallbacks(config, ready.genesisHash, log);
  if (!ready.network.meters.includes(meter.address)) {
    throw new StartProblem(
      "meter-unknown",
      `the key in IONET_METER_KEYPAIR (${meter.address}) is no meter of this network; it has: ${ready.network.meters.join(", ")}`,
    );
  }
  const { db, openConnection, close } = await openDatabase(config.database);

  const signals = createSignals();
  const ctx: ChainContext = {
    db,
    clock: { now: () => Date.now() },
    random: { bytes: (count) => new Uint8Array(randomBytes(count)) },
    log,
    wake: signals.wake,
    nodeChanged: signals.nodeChanged,
    chain,
    meter,
    payer,
  };
  const allocation = openAllocation({ openConnection, log }, admitBookings);
  const metrics = createMetrics({
    nodes: () => countNodes(ctx),
    clusters: async () => countBy((await aliveClusters(ctx)).map(({ cluster }) => cluster.state)),
  });
  const publicUrl = config.publicUrl ?? `http://${config.host}:${port}`;
  const chainId = config.network === "local" ? "localnet" : config.network;
  const terms = paymentTerms(ctx, config, ready.network);
  const description = describeNetwork(config, ready);
  const sync = createSync(ctx, signals.onNodeChanged);
  const offers = openLiveOffers(ctx, allocation);
  const requests = createRequests({
    ...ctx,
    allocation,
    offers,
    terms,
    latestEnds: (leaseIds) => latestEnds(ctx, leaseIds),
  });
  const live = liveConnectors(config, ctx.clock);
  const handlers: Handlers = {
    getNetwork: async () => description,
    ...accountRoutes(ctx, { publicUrl, chainId }),
    ...nodeRoutes(ctx),
    ...searchRoutes({ ...ctx, offers }, live),
    ...compareRoutes({ ...ctx, offers }, live),
    ...earningsRoutes(terms.currencies.USDC?.feeBps),
    ...reservationRoutes({ ...ctx, allocation, offers }, terms),
    ...clusterRoutes(ctx, { publicUrl }),
    ...requests.handlers,
    ...settlementRoutes(ctx),
    ...sync.handlers,
  };
  const server = createServer({
    ctx,
    log,
    handlers,
    authenticate: (token) => authenticateBearer(ctx, token),
    verifyNode: sync.verifyNode,
    metrics,
  });
  attachLinkTest(server, { ...ctx, verifyNode: sync.verifyNode });
  attachGateway(server, gatewayParts(ctx, sync.verifyNode));
  try {
    await server.listen({ host: config.host, port });
  } catch (error) {
    await server.close();
    await close();
    throw portTaken(error, port) ?? error;
  }
  const reconcilers = startReconcilers(
    { log, signals, meter: metrics, monotonicMs: () => performance.now() },
    {
      nodes: () => reconcileNodes(ctx),
      reservations: () => reconcileReservations({ ...ctx, allocation }),
      escrows: () => reconcileEscrows(ctx),
      clusters: () => reconcileClusters(ctx),
      requests: () => requests.reconcile(),
      metering: () => reconcileMetering(ctx),
      settlement: () => reconcileSettlement(ctx),
    },
  );
  return {
    url: publicUrl,
    stop: async () => {
      await Promise.all([server.close(), reconcilers.stop()]);
      await allocation.stop();
      await close();
    },
  };
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
    throw new StartProblem(
      "keypair-unreadable",
      `${variable}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function countBy(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

/** Looks whether the port can be had, before anything else is started; for 0 finds a free one, since routes tell the URL. */
function freePort({ host, port }: Pick<Config, "host" | "port">): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createNetServer();
    probe.once("error", (error) => reject(portTaken(error, port) ?? error));
    probe.listen({ host, port }, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : port));
    });
  });
}

function portTaken(error: unknown, port: number): StartProblem | null {
  if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) return null;
  return new StartProblem(
    "port-taken",
    `port ${port} is in use. End what listens there, or set PORT to another one (0: any free one).`,
  );
}
