import {
  type Chain,
  chainTime,
  type EscrowState,
  isNative,
  lastSecond,
  paymentAccountOf,
  readTokenAccount,
  topUpCost,
  topUpInstruction,
} from "@ionet/chain";
import { type ClusterId, formatUnits, problem } from "@ionet/protocol";
import { type Address, address, type TransactionSigner } from "@solana/kit";
import type { Ionet } from "../client.ts";
import { payingNetwork } from "../payable.ts";
import { currencyIn, requireEscrow, requireNetwork } from "./find-escrow.ts";
import { sendOwn } from "./send-own.ts";

/** What a top-up costs and brings, before anything is sent. Amounts in base units of `mint`. */
export type TopUpPlan = {
  escrows: Address[];
  /** How many leases run on. */
  leases: number;
  /** By how much each of them is extended. */
  seconds: number;
  cost: bigint;
  mint: Address;
  decimals: number;
  /** When the first of them ends then, Unix seconds of the chain. */
  endsAt: number;
};
export type ToppedUp = TopUpPlan & { signature: string; feeLamports: bigint };

export type TopUpOptions = {
  seconds: number;
  /** The last look before money moves: false sends nothing. */
  approve?: (plan: TopUpPlan) => Promise<boolean> | boolean;
  signal?: AbortSignal;
};

/**
 * Pays for more time of a running cluster: all of its leases that run, in all of its escrows, in one transaction. The
 * control plane sees it on the chain when it is final, and tells the agents. Null when `approve` said no.
 * Throws `cluster-not-running`, `top-up-beyond-terms`, `rate-expired` (SOL's rates hold for 24 hours), `wallet-cannot-pay`, `wrong-network`,
 * `wallet-lacks-lamports`, or the chain's own error.
 */
export async function topUp(
  ionet: Ionet,
  payer: TransactionSigner,
  clusterId: ClusterId,
  options: TopUpOptions & { chain?: Chain },
): Promise<ToppedUp | null> {
  const cluster = await ionet.getCluster({ params: { clusterId } });
  const running = cluster.leases.filter(({ phase }) => phase !== "ended");
  const isEnding = ["stopping", "closed", "failed"].includes(cluster.state);
  if (isEnding || running.length === 0) throw notRunning("cluster", `${clusterId} is ${cluster.state}`);
  const { chain } = await payingNetwork(ionet, options.chain);
  const places = Map.groupBy(running, ({ escrow }) => escrow);
  const parts = [...places].map(([escrow, leases]) => ({
    escrow: address(escrow),
    leases: leases.map(({ escrowIndex }) => escrowIndex),
    latestSeconds: new Map(leases.map(({ escrowIndex, latestSeconds }) => [escrowIndex, latestSeconds])),
  }));
  return await topUpEscrows(chain, payer, parts, options);
}

/** An escrow to top up, and which of its leases; every one that runs where not given. */
export type TopUpPart = {
  escrow: Address;
  leases?: readonly number[];
  /** The longest that each of them may become by its supplier's terms, where the control plane says so. Seconds. */
  latestSeconds?: ReadonlyMap<number, number | undefined>;
};

/** As `topUp`, by escrows and with the chain alone: anybody may pay for anybody's. */
export async function topUpEscrows(
  chain: Chain,
  payer: TransactionSigner,
  parts: readonly TopUpPart[],
  options: TopUpOptions,
): Promise<ToppedUp | null> {
  const { seconds, approve = () => true, signal } = options;
  const now = await chainTime(chain, "confirmed");
  const network = await requireNetwork(chain);
  const extended: { escrow: EscrowState; leases: number[]; amount: bigint }[] = [];
  for (const part of parts) {
    const escrow = await requireEscrow(chain, part.escrow);
    const leases = runningLeases(escrow, part.leases, now);
    if (leases.length === 0) continue;
    requireWithinTerms(escrow, leases, part.latestSeconds ?? new Map(), seconds);
    requireRateHolds(escrow, leases, seconds);
    extended.push({ escrow, leases, amount: topUpCost({ escrow, seconds, leases }) });
  }
  const [first] = extended;
  if (first === undefined) {
    throw notRunning("escrow", `no lease of ${parts.map(({ escrow }) => escrow).join(", ")} runs any more`);
  }
  const ends = extended.flatMap(({ escrow, leases }) =>
    leases.flatMap((index) => escrow.leases[index] ?? []).map((lease) => lastSecond(lease) + seconds),
  );
  const plan: TopUpPlan = {
    escrows: extended.map(({ escrow }) => escrow.address),
    leases: ends.length,
    ...{ seconds, ...currencyIn(network, first.escrow) },
    cost: extended.reduce((sum, { amount }) => sum + amount, 0n),
    endsAt: Math.min(...ends),
  };
  await requireFunds(chain, payer.address, plan);
  if (!(await approve(plan))) return null;
  const instructions = await Promise.all(
    extended.map((part) => topUpInstruction({ payer, seconds, ...part })),
  );
  const { signature, feeLamports } = await sendOwn(chain, payer, instructions, signal);
  return { ...plan, signature, feeLamports };
}

/** Those that the escrow program would extend: not ended, and their seconds not used up by the chain's clock. */
function runningLeases(escrow: EscrowState, wanted: readonly number[] | undefined, now: number): number[] {
  if (escrow.status !== "open") return [];
  return escrow.leases.flatMap((lease, index) => {
    const runs = lease.endedAt === null && lastSecond(lease) > now;
    return runs && (wanted === undefined || wanted.includes(index)) ? [index] : [];
  });
}

/** Beyond its supplier's terms no lease is run on, whatever was paid: the control plane would not take it over. */
function requireWithinTerms(
  escrow: EscrowState,
  leases: readonly number[],
  latestSeconds: ReadonlyMap<number, number | undefined>,
  seconds: number,
): void {
  const left = leases.map((index) => {
    const latest = latestSeconds.get(index) ?? Number.POSITIVE_INFINITY;
    return latest - (escrow.leases[index]?.maxSeconds ?? 0);
  });
  const most = Math.min(...left);
  if (seconds <= most) return;
  throw problem("top-up-beyond-terms", {
    detail: `a lease of escrow ${escrow.address} would last longer than its supplier offered; nothing was sent`,
    field: "seconds",
    given: `${seconds} s more`,
    allowed: most < 1 ? "none: it runs for the longest that its supplier offered" : `at most ${most} s more`,
    next: most < 1 ? "rent anew for later with `ionet rent`" : "top up by less, or rent anew for later",
  });
}

function requireRateHolds(escrow: EscrowState, leases: readonly number[], seconds: number): void {
  const { rateValidSeconds, openedAt } = escrow;
  if (rateValidSeconds === undefined) return;
  const longest = Math.max(...leases.flatMap((index) => escrow.leases[index] ?? []).map(lastSecond));
  const most = rateValidSeconds - (longest - openedAt);
  if (seconds <= most) return;
  throw problem("rate-expired", {
    detail: `the rates of escrow ${escrow.address} hold for ${rateValidSeconds / 3600} h from its opening; nothing was sent`,
    field: "seconds",
    given: `${seconds} s more`,
    allowed: most < 1 ? "none: they run to the end of that time already" : `at most ${most} s more`,
    next: most < 1 ? "rent anew for later: at that hour's rates" : "top up by less, or rent anew for later",
  });
}

async function requireFunds(
  chain: Chain,
  payer: Address,
  { mint, cost, decimals }: TopUpPlan,
): Promise<void> {
  const there = isNative(mint)
    ? (await chain.rpc.getBalance(payer, { commitment: "confirmed" }).send()).value
    : ((await readTokenAccount(chain, await paymentAccountOf(payer, mint), "confirmed"))?.amount ?? 0n);
  if (there >= cost) return;
  throw problem("wallet-cannot-pay", {
    detail: `the top-up costs ${formatUnits(cost, decimals)} and the wallet holds ${formatUnits(there, decimals)}; nothing was sent`,
    field: "cost",
    given: formatUnits(there, decimals),
    allowed: `at least ${formatUnits(cost, decimals)} ${isNative(mint) ? "SOL" : `of mint ${mint}`}`,
    next: `send more to ${payer} and try again, or top up by less`,
  });
}

const notRunning = (field: string, given: string) =>
  problem("cluster-not-running", {
    detail: "only what still runs can be topped up; nothing was sent",
    ...{ field, given, allowed: "a cluster with leases that run" },
    next: "see `ionet clusters show`; rent anew with `ionet rent`",
  });
