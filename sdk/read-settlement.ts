import { type Chain, walletBalance } from "@ionet/chain";
import { type ClusterId, type Settlement, sum } from "@ionet/protocol";
import { type Address, address } from "@solana/kit";
import type { Ionet } from "./client.ts";
import type { OpeningCost } from "./opening-cost.ts";
import { pause } from "./pause.ts";

/** What each wallet holds of a currency, in base units; an account that does not exist holds 0. */
export type Balances = ReadonlyMap<string, bigint>;

/** What wallets hold of a currency now, read from the chain. */
export async function readBalances(
  chain: Chain,
  mint: Address,
  wallets: Iterable<string>,
): Promise<Balances> {
  const unique = [...new Set(wallets)];
  const amounts = await Promise.all(
    unique.map((wallet) => walletBalance(chain, address(wallet), mint, "confirmed")),
  );
  return new Map(unique.map((wallet, at) => [wallet, amounts[at] ?? 0n]));
}

/** Waits until a cluster is settled: every lease paid, the rest refunded. */
export async function waitForSettlement(
  ionet: Ionet,
  clusterId: ClusterId,
  options: { signal?: AbortSignal; pollMs?: number } = {},
): Promise<Settlement> {
  for (;;) {
    const settlement = await ionet.getSettlement({ params: { clusterId } });
    if (settlement.state === "settled") return settlement;
    await pause(options.pollMs ?? 300, options.signal);
  }
}

export type Proof = {
  /** Each from the change of a balance on the chain, in base units: of token accounts, in SOL of the wallets themselves. */
  deposited: bigint;
  paid: ReadonlyMap<string, bigint>;
  fee: bigint;
  refunded: bigint;
  /** deposited = paid + fee + refunded, over all escrows and in each, and the control plane's own account says the same. */
  holds: boolean;
};

/**
 * Checks a settlement against balances read from the chain before funding, after funding and now.
 * The wallets must have moved no other money of this currency meanwhile; in SOL `opening` is what opening the escrows took
 * from the engineer besides (`readOpeningCost`).
 */
export async function proveSettlement(
  at: { chain: Chain; mint: Address; engineer: string; treasury: string },
  settlement: Settlement,
  balances: { beforeFunding: Balances; afterFunding: Balances; opening?: OpeningCost },
): Promise<Proof> {
  const suppliers = settlement.payouts.map((payout) => payout.supplier);
  const now = await readBalances(at.chain, at.mint, [at.engineer, at.treasury, ...suppliers]);
  const grown = (wallet: string, from: Balances, to: Balances) =>
    (to.get(wallet) ?? 0n) - (from.get(wallet) ?? 0n);
  const { beforeFunding, afterFunding, opening = { rent: 0n, fees: 0n } } = balances;
  const deposited = -grown(at.engineer, beforeFunding, afterFunding) - opening.rent - opening.fees;
  const refunded = grown(at.engineer, afterFunding, now) - opening.rent;
  const fee = grown(at.treasury, beforeFunding, now);
  const paid = new Map([...new Set(suppliers)].map((wallet) => [wallet, grown(wallet, beforeFunding, now)]));
  const paidInAll = [...paid.values()].reduce((total, amount) => total + amount, 0n);
  const told = new Map<string, bigint>();
  for (const payout of settlement.payouts) {
    told.set(payout.supplier, (told.get(payout.supplier) ?? 0n) + payout.paid);
  }
  const holds =
    deposited === paidInAll + fee + refunded &&
    deposited === settlement.deposited &&
    fee === settlement.fee &&
    refunded === settlement.refunded &&
    sum(settlement.payouts.map((payout) => payout.paid)) === paidInAll &&
    settlement.escrows.every((escrow) => isBalanced(settlement, escrow)) &&
    [...told].every(([wallet, amount]) => paid.get(wallet) === amount);
  return { deposited, paid, fee, refunded, holds };
}

/** Whether all that one escrow got went out again. */
function isBalanced({ payouts }: Settlement, escrow: Settlement["escrows"][number]): boolean {
  const own = payouts.filter((payout) => payout.escrow === escrow.address);
  const gross = own.reduce((total, { paid, fee }) => total + paid + fee, 0n);
  return escrow.deposited === gross + escrow.refunded;
}
