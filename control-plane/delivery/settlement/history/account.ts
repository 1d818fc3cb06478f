import { isNative } from "@ionet/chain";
import { type BaseUnits, baseUnits, sum } from "@ionet/protocol";
import { address } from "@solana/kit";
import { bySupplier, type PaidLease, type PlannedPayout, payoutsFor } from "../model.ts";
import type { History } from "./history.ts";

/** Whose money it was, and what was to be paid. */
export type SettledEscrow = {
  address: string;
  engineer: string;
  /** In SOL its rent and gifts pass through the same account, so that only the escrow itself knows its deposits. */
  mint: string;
  deposited: BaseUnits;
  treasury: string;
  feeBps: number;
  minimumSeconds: number;
  leases: readonly PaidLease[];
  /** The final reading's seconds, by lease index. */
  seconds: readonly number[];
};

/** What became of an escrow's deposits. Base units. */
export type EscrowAccounting = {
  deposited: BaseUnits;
  payouts: PlannedPayout[];
  fee: BaseUnits;
  refunded: BaseUnits;
  refundSignature: string | null;
  /** False when the transactions' balance changes do not show exactly these payouts: somebody mixed in other transfers. */
  proven: boolean;
};

/**
 * Accounts for a closed escrow out of its whole history. The seconds are the final reading's; where the chain's clock
 * allowed fewer, those that it paid for. Throws when the vault did not give out all that it got.
 */
export function accountFor(escrow: SettledEscrow, history: History): EscrowAccounting {
  const deposited = isNative(address(escrow.mint)) ? escrow.deposited : baseUnits(history.received);
  const out = givenOut(escrow, history);
  // More may have gone out than came in by these transactions: donations went to the engineer. Never less.
  if (out < deposited || deposited === 0n) {
    throw new Error(`escrow ${escrow.address} got ${deposited} and has given out ${out}`);
  }
  return accountOf(escrow, history, { deposited, ...paidSeconds(escrow, receivedFrom(escrow, history)) });
}

/**
 * Accounts for a closed escrow out of the network's own transactions alone, however many strangers have sent besides.
 * Null when they do not show it to the unit: somebody else has settled, collected or added something, or the last
 * top-up is not in `deposited` yet.
 */
export function accountFromOwn(escrow: SettledEscrow, history: History): EscrowAccounting | null {
  const { deposited } = escrow;
  const out = givenOut(escrow, history);
  // In SOL the rent goes out with it; what the wallets got decides there.
  const isWhole = isNative(address(escrow.mint)) ? out >= deposited : out === deposited;
  const payouts = asRead(escrow);
  if (!isWhole || !isShown(escrow, payouts, receivedFrom(escrow, history))) return null;
  return accountOf(escrow, history, { deposited, payouts, proven: true });
}

function accountOf(
  escrow: SettledEscrow,
  history: History,
  { deposited, payouts, proven }: Counted & { deposited: BaseUnits },
): EscrowAccounting {
  const fee = sum(payouts.map((payout) => payout.fee));
  const refunded = baseUnits(deposited - sum(payouts.map((payout) => payout.paid)) - fee);
  const lastTo = (wallet: string) =>
    history.payments.findLast(({ changes }) => (changes.get(wallet) ?? 0n) > 0n)?.signature ?? null;
  return {
    deposited,
    payouts: payouts.map((each) => ({ ...each, signature: each.paid > 0n ? lastTo(each.supplier) : null })),
    fee,
    refunded,
    refundSignature: refunded > 0n ? lastTo(escrow.engineer) : null,
    proven,
  };
}

const givenOut = (escrow: SettledEscrow, { payments }: History): bigint =>
  -payments.reduce((total, { changes }) => total + (changes.get(escrow.address) ?? 0n), 0n);

/** What each wallet got while the vault paid out. */
function receivedFrom(escrow: SettledEscrow, { payments }: History): Map<string, bigint> {
  const received = new Map<string, bigint>();
  for (const { changes } of payments) {
    for (const [owner, change] of changes) {
      if (owner !== escrow.address) received.set(owner, (received.get(owner) ?? 0n) + change);
    }
  }
  return received;
}

const upTo = (escrow: SettledEscrow, elapsed: number) =>
  payoutsFor(escrow.leases, escrow.seconds, escrow.feeBps, {
    elapsed,
    minimumSeconds: escrow.minimumSeconds,
  });
const asRead = (escrow: SettledEscrow) => upTo(escrow, Number.POSITIVE_INFINITY);

type Counted = { payouts: Omit<PlannedPayout, "signature">[]; proven: boolean };

/**
 * The payouts that the balance changes show. All leases of an escrow start together, so the chain's clock is one limit
 * for all; payouts rise with it, so it is found by halving.
 */
function paidSeconds(escrow: SettledEscrow, received: ReadonlyMap<string, bigint>): Counted {
  const read = asRead(escrow);
  if (isShown(escrow, read, received)) return { payouts: read, proven: true };
  const suppliers = new Set(escrow.leases.map((lease) => lease.supplier));
  const total = [...suppliers].reduce((paid, supplier) => paid + (received.get(supplier) ?? 0n), 0n);
  let [low, high] = [0, Math.max(0, ...escrow.seconds)];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (sum(upTo(escrow, middle).map((each) => each.paid)) <= total) low = middle;
    else high = middle - 1;
  }
  const limited = upTo(escrow, low);
  return isShown(escrow, limited, received)
    ? { payouts: limited, proven: true }
    : { payouts: read, proven: false };
}

/** Whether the wallets got exactly this: suppliers and treasury to the unit, the engineer at least the refund. */
function isShown(
  escrow: SettledEscrow,
  payouts: readonly Omit<PlannedPayout, "signature">[],
  received: ReadonlyMap<string, bigint>,
): boolean {
  const expected = new Map<string, bigint>(bySupplier(payouts));
  const fee = sum(payouts.map((payout) => payout.fee));
  expected.set(escrow.treasury, (expected.get(escrow.treasury) ?? 0n) + fee);
  // The engineer's own share is the refund and donations besides: whatever else went out.
  return [...expected].every(([wallet, amount]) => {
    const got = received.get(wallet) ?? 0n;
    return wallet === escrow.engineer ? got >= amount : got === amount;
  });
}
