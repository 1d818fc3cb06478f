import type { ReadyChain } from "./chain-ready.ts";
import type { Config } from "./config.ts";
import { latestEnds } from "./delivery/clusters/lease-ends.ts";
import { reconcileClusters } from "./delivery/clusters/reconcile.ts";
import { clusterRoutes } from "./delivery/clusters/routes.ts";
import { reconcileEscrows } from "./delivery/escrows/reconcile.ts";
import { reconcileMetering } from "./delivery/metering/reconcile.ts";
import { reconcileSettlement } from "./delivery/settlement/reconcile.ts";
import { settlementRoutes } from "./delivery/settlement/routes.ts";
import { createSync } from "./delivery/sync/routes.ts";
import { compareRoutes } from "./market/compare/routes.ts";
import { liveConnectors } from "./market/connectors/connectors.ts";
import { earningsRoutes } from "./market/earnings/routes.ts";
import { createRequests } from "./market/requests/routes.ts";
import type { Booking } from "./market/reservations/admit.ts";
import { reconcileReservations } from "./market/reservations/reconcile.ts";
import { reservationRoutes } from "./market/reservations/routes.ts";
import { searchRoutes } from "./market/search/routes.ts";
import { describeNetwork, paymentTerms } from "./network.ts";
import { accountRoutes } from "./platform/accounts/routes.ts";
import type { ChainContext } from "./platform/context.ts";
import type { Handlers } from "./platform/http/handlers.ts";
import type { VerifyNode } from "./platform/http/server.ts";
import type { Reconcilers } from "./platform/reconcilers.ts";
import type { Signals } from "./platform/signals.ts";
import type { Allocation } from "./supply/inventory/allocation/allocation.ts";
import { openLiveOffers } from "./supply/inventory/live-offers.ts";
import { reconcileNodes } from "./supply/nodes/reconcile.ts";
import { nodeRoutes } from "./supply/nodes/routes.ts";

/** What all steps need of the one control plane they run in, besides the context. */
export type Surroundings = {
  ready: ReadyChain;
  signals: Signals;
  allocation: Allocation<Booking>;
  /** Where engineers reach this control plane, without a slash at the end. */
  publicUrl: string;
};

/** All steps of the flow put together: what they answer, how agents are known, and what runs by itself. */
export type Steps = { handlers: Handlers; verifyNode: VerifyNode; reconcilers: Reconcilers };

/** Composes the steps. Starts nothing. */
export function composeSteps(
  ctx: ChainContext,
  config: Config,
  { ready, signals, allocation, publicUrl }: Surroundings,
): Steps {
  const terms = paymentTerms(ctx, config, ready.network);
  const network = describeNetwork(config, ready);
  const chainId = config.network === "local" ? "localnet" : config.network;
  const sync = createSync(ctx, signals.onNodeChanged);
  const offers = openLiveOffers(ctx, allocation);
  const live = liveConnectors(config, ctx.clock);
  const requests = createRequests({
    ...ctx,
    allocation,
    offers,
    terms,
    latestEnds: (leaseIds) => latestEnds(ctx, leaseIds),
  });
  const handlers: Handlers = {
    getNetwork: async () => network,
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
  const reconcilers: Reconcilers = {
    nodes: () => reconcileNodes(ctx),
    reservations: () => reconcileReservations({ ...ctx, allocation }),
    escrows: () => reconcileEscrows(ctx),
    clusters: () => reconcileClusters(ctx),
    requests: () => requests.reconcile(),
    metering: () => reconcileMetering(ctx),
    settlement: () => reconcileSettlement(ctx),
  };
  return { handlers, verifyNode: sync.verifyNode, reconcilers };
}
