import { type EscrowState, isNative } from "@ionet/chain";
import {
  type AccountId,
  type BaseUnits,
  type ClusterId,
  type Currency,
  leaseBudget,
  leasesOfEscrow,
  type QuotedLease,
  type ReservationId,
  sum,
} from "@ionet/protocol";
import { address } from "@solana/kit";
import type { EscrowPlan, ReservationRecord } from "../../market/reservations/model.ts";

/** An escrow that was seen on the chain for one of our reservations. Amounts in base units of `mint`. */
export type EscrowRecord = {
  address: string;
  /** Its place among the escrows of its reservation. */
  position: number;
  reservationId: ReservationId;
  clusterId: ClusterId;
  accountId: AccountId;
  engineer: string;
  mint: string;
  deposited: BaseUnits;
  feeBps: number;
  minimumSeconds: number;
  openedSlot: bigint;
  openedAtMs: number;
  /** What was agreed: its part of the reservation's leases; the order is that of the escrow's own table. */
  leases: QuotedLease[];
  state: "funded" | "refused";
  reason: string | null;
  seenAtMs: number;
};

/** What an escrow is held in: each of the network's mints is one currency, and SOL has none. */
export const currencyOf = (mint: string): Currency => (isNative(address(mint)) ? "SOL" : "USDC");

/** What is asked of an escrow: its part of the reservation that it is to fund. */
export type ReservedTerms = Pick<ReservationRecord, "wallet" | "mint" | "feeBps" | "expiresAtMs"> &
  Pick<EscrowPlan, "number" | "deposit"> & { leases: readonly QuotedLease[] };

/** What a reservation asks of one of its escrows. */
export const reservedTermsOf = (reservation: ReservationRecord, plan: EscrowPlan): ReservedTerms => ({
  ...reservation,
  number: plan.number,
  deposit: plan.deposit,
  leases: leasesOfEscrow(reservation.leases, plan),
});

/** Whether an escrow is as agreed, or why it is not. */
export type EscrowVerdict = { funded: true } | { funded: false; reason: string };

const refuse = (code: string, given: unknown, expected: unknown): EscrowVerdict => ({
  funded: false,
  reason: `${code}: the escrow has ${given}, the reservation says ${expected}`,
});

/**
 * Compares a finalised escrow with its part of a reservation, field by field. An escrow that came after the hold had ended is
 * refused too: its GPUs may be somebody else's by now.
 */
export function judgeEscrow(agreed: ReservedTerms, escrow: EscrowState, nowMs: number): EscrowVerdict {
  const fields: readonly [
    code: string,
    given: string | number | bigint,
    expected: string | number | bigint,
  ][] = [
    ["wrong-engineer", escrow.engineer, agreed.wallet],
    ["wrong-mint", escrow.mint, agreed.mint],
    ["wrong-number", escrow.id, agreed.number],
    ["wrong-fee", escrow.feeBps, agreed.feeBps],
    ["wrong-lease-count", escrow.leases.length, agreed.leases.length],
    ...agreed.leases.flatMap((lease, index) => {
      const there = escrow.leases[index];
      if (there === undefined) return [];
      return [
        [`wrong-supplier of lease ${index}`, there.supplier, lease.supplier],
        [`wrong-rate of lease ${index}`, there.ratePerHour, lease.ratePerHour],
        [`wrong-seconds of lease ${index}`, there.maxSeconds, lease.maxSeconds],
        [`ended lease ${index}`, there.endedAt ?? "running", "running"],
      ] satisfies [string, string | number | bigint, string | number | bigint][];
    }),
    ["not-open", escrow.status, "open"],
  ];
  for (const [code, given, expected] of fields) if (given !== expected) return refuse(code, given, expected);

  const budgets = sum(agreed.leases.map((lease) => leaseBudget(lease.ratePerHour, lease.maxSeconds)));
  for (const needed of [budgets, agreed.deposit]) {
    if (escrow.deposited < needed)
      return refuse("funding-too-little", escrow.deposited, `at least ${needed}`);
  }
  if (escrow.paid + escrow.fees + escrow.refunded > 0n) {
    return refuse("already-used", escrow.paid + escrow.fees + escrow.refunded, "nothing paid yet");
  }
  if (nowMs >= agreed.expiresAtMs) {
    return { funded: false, reason: "too-late: the escrow was final after the reservation had expired" };
  }
  return { funded: true };
}
