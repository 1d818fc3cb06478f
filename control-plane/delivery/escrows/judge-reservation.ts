import type { EscrowState } from "@ionet/chain";
import type { ReservationRecord } from "../../market/reservations/model.ts";
import { judgeEscrow, reservedTermsOf } from "./model.ts";

/**
 * What becomes of a reservation: its cluster may start, or it waits for escrows that are missing, or what was seen of them
 * is refunded. `reason` is the reservation's, `reasons` are the escrows' by their position, where one was seen.
 */
export type ReservationVerdict =
  | { do: "wait" }
  | { do: "fund" }
  | { do: "refuse"; reason: string; reasons: (string | null)[] };

/**
 * Judges the escrows of a reservation together: all of them have to be final and as agreed while it is held. One that is
 * not lets none of them pay, and so does one that is missing when the hold ends: the GPUs are hired all or none.
 * `seen` has a finalised escrow for each position, null where none was found or where it was judged before.
 */
export function judgeReservation(
  reservation: ReservationRecord,
  seen: readonly (EscrowState | null)[],
  nowMs: number,
): ReservationVerdict {
  if (seen.every((escrow) => escrow === null)) return { do: "wait" };
  const own = reservation.escrows.map((plan, position) => {
    const escrow = seen[position] ?? null;
    // Its own faults first: a hold that is over is everybody's fault.
    const verdict =
      escrow && judgeEscrow({ ...reservedTermsOf(reservation, plan), expiresAtMs: nowMs + 1 }, escrow, nowMs);
    return verdict === null || verdict.funded ? null : verdict.reason;
  });
  const wrong = own.findIndex((reason) => reason !== null);
  const isOver = reservation.state !== "held" || nowMs >= reservation.expiresAtMs;
  if (wrong === -1 && !isOver) {
    return { do: seen.every((escrow) => escrow !== null) ? "fund" : "wait" };
  }
  const reason = whyNone(reservation, own[wrong] ?? null, wrong);
  const shared = wrong === -1 ? reason : `another-refused: ${reason}`;
  return {
    do: "refuse",
    reason,
    reasons: own.map((fault, position) => (seen[position] ? (fault ?? shared) : null)),
  };
}

function whyNone(
  { state, reason, escrows }: ReservationRecord,
  fault: string | null,
  position: number,
): string {
  const isOne = escrows.length === 1;
  if (fault !== null) return isOne ? fault : `${fault} (escrow ${position + 1} of ${escrows.length})`;
  if (state === "released" && reason !== null) return `another-refused: ${reason}`;
  return isOne
    ? "too-late: the escrow was final after the reservation had expired"
    : `too-late: not all ${escrows.length} escrows were final before the reservation expired`;
}
