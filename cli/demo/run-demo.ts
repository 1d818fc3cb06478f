import { fileURLToPath } from "node:url";
import { connectChain, NATIVE_SOL } from "@ionet/chain";
import type { Cluster, Currency, Quote, Reservation, Settlement } from "@ionet/protocol";
import {
  type Balances,
  createIonet,
  type Ionet,
  type OpeningCost,
  openEscrows,
  proveSettlement,
  readBalances,
  readOpeningCost,
  signIn,
  waitForCluster,
  waitForSettlement,
} from "@ionet/sdk";
import { followLogs, type Job, submitJob } from "@ionet/sdk/node";
import { address, type KeyPairSigner } from "@solana/kit";
import { amountText } from "../money-text.ts";
import type { NetworkDescription } from "../network/description.ts";
import { offersText, quoteText } from "../quote-text.ts";
import { type DemoOutcome, type SweepResult, sweepResultSchema } from "./report.ts";
import type { Stages } from "./stages.ts";

const SWEEP = fileURLToPath(new URL("../../examples/quant-sweep", import.meta.url));
/** The trading desk's demand: four cards of at least three independent suppliers, an hour at most. */
const DEMAND = { gpuModel: "a100-40gb", gpuCount: 4, minSuppliers: 3, durationSeconds: 3600 };

export type DemoStage = {
  stages: Stages;
  signal: AbortSignal;
  network: NetworkDescription;
  signer: KeyPairSigner;
  /** What the escrow is paid in. */
  currency: Currency;
  /** Called when there is an escrow with the engineer's money in it. */
  onFunded: (escrow: string, deposited: bigint) => void;
};

/** An engineer's whole way on a running network: from signing in to being settled. */
export async function runDemo(demo: DemoStage): Promise<DemoOutcome> {
  const { stages, network, signer, currency } = demo;
  const ionet = await stages.run("offers", () => searchOffers(demo));
  const quote = await stages.run("quote", async () => {
    const quoted = await ionet.createQuote({ body: { ...DEMAND, currency } });
    stages.note(quoteText(quoted));
    return quoted;
  });
  const reservation = await stages.run("booking", async () => {
    const booked = await ionet.book({ body: { quoteId: quote.id } });
    stages.note(`${booked.id}: every GPU is held until ${booked.expiresAt}`);
    return booked;
  });
  const chain = connectChain({ url: network.rpcUrl, wsUrl: network.wsUrl });
  const mint = currency === "SOL" ? NATIVE_SOL : address(network.usdcMint);
  const wallets = [signer.address, network.treasury, ...quote.leases.map((lease) => lease.supplier)];
  const balances = await stages.run("escrow", async () => {
    const beforeFunding = await readBalances(chain, mint, wallets);
    const { signal, onFunded } = demo;
    const opened = await openEscrows(ionet, signer, reservation, {
      quote,
      signal,
      onOpened: ({ address, deposited }) => {
        onFunded(address, deposited);
        stages.note(`${amountText(deposited, currency)} in escrow ${address}, signed by ${signer.address}`);
      },
    });
    const afterFunding = await readBalances(chain, mint, wallets);
    if (currency !== "SOL") return { beforeFunding, afterFunding };
    const opening = await readOpeningCost(chain, opened);
    stages.note(
      `besides: ${amountText(opening.rent, "SOL")} rent, which returns, and ${amountText(opening.fees, "SOL")} fee`,
    );
    return { beforeFunding, afterFunding, opening };
  });
  const cluster = await stages.run("cluster", () => waitUntilReady(demo, ionet, reservation));
  const { job, result } = await stages.run("job", () => runSweep(demo, ionet, cluster));
  const at = { chain, mint, engineer: signer.address, treasury: network.treasury };
  return stages.run("settlement", () => settle({ demo, ionet, quote, cluster, job, result, at, balances }));
}

async function searchOffers({ stages, network, signer }: DemoStage): Promise<Ionet> {
  const { ionet, account } = await signIn(createIonet({ url: network.url }), signer);
  stages.note(`signed in as ${signer.address} (${account.id})`);
  const { items } = await ionet.searchOffers({ query: { gpuModel: [DEMAND.gpuModel] } });
  stages.note(offersText(items));
  return ionet;
}

async function waitUntilReady(
  { stages, signal, network }: DemoStage,
  ionet: Ionet,
  reservation: Reservation,
) {
  const names = nodeNames(network);
  const told = new Map<string, string>();
  const cluster = await waitForCluster(ionet, reservation.clusterId, {
    reservation,
    signal,
    pollMs: 100,
    until: (seen) => seen.state === "ready",
    onChange: (seen) => {
      for (const { id, nodeId, role, phase, reason } of seen.leases) {
        if (told.get(id) === phase) continue;
        told.set(id, phase);
        stages.note(
          `${(names.get(nodeId) ?? nodeId).padEnd(16)} ${role.padEnd(6)} ${phase}${reason ? ` (${reason})` : ""}`,
        );
      }
    },
  });
  stages.note(`${cluster.leases.length} Ray nodes are one cluster; jobs at ${cluster.jobsAddress}`);
  return cluster;
}

type JobRun = { job: Job; result: SweepResult | null };

async function runSweep({ stages, signal }: DemoStage, ionet: Ionet, cluster: Cluster): Promise<JobRun> {
  const at = { jobsAddress: cluster.jobsAddress, token: ionet.token ?? "" };
  const id = await submitJob(at, { entrypoint: "python main.py", workingDir: SWEEP, signal });
  stages.note(`ray job ${id}`);
  const output = followLogs(at, id, { signal });
  let result: SweepResult | null = null;
  for (;;) {
    const next = await output.next();
    if (next.done) return { job: next.value, result };
    stages.note(`│ ${next.value}`);
    const told = /^RESULT (.*)$/.exec(next.value);
    if (told) result = sweepResultSchema.safeParse(JSON.parse(told[1] ?? "null")).data ?? null;
  }
}

async function settle(end: {
  demo: DemoStage;
  ionet: Ionet;
  quote: Quote;
  cluster: Cluster;
  job: Job;
  result: SweepResult | null;
  at: Parameters<typeof proveSettlement>[0];
  balances: { beforeFunding: Balances; afterFunding: Balances; opening?: OpeningCost };
}): Promise<DemoOutcome> {
  const { demo, ionet, quote, job, result } = end;
  const { id: clusterId, createdAt, readyAt } = end.cluster;
  await ionet.stopCluster({ params: { clusterId } });
  const settlement: Settlement = await waitForSettlement(ionet, clusterId, {
    signal: demo.signal,
    pollMs: 100,
  });
  const proof = await proveSettlement(end.at, settlement, end.balances);
  const cluster = await ionet.getCluster({ params: { clusterId } });
  const readySeconds = readyAt === null ? 0 : (Date.parse(readyAt) - Date.parse(createdAt)) / 1000;
  return { cluster, readySeconds, job, result, settlement, proof, quote };
}

/** What people call the nodes. */
export const nodeNames = (network: NetworkDescription): ReadonlyMap<string, string> =>
  new Map(network.suppliers.flatMap(({ nodes }) => nodes.map(({ nodeId, name }) => [nodeId, name])));
