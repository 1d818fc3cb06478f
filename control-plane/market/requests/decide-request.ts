import type { ReservationState } from "@ionet/protocol";
import { MAX_LAPSES, type RequestRecord } from "./model.ts";

/** What one request is to become, seen beside the reservation of its quote (null: its quote was not booked). */
export type RequestStep =
  | { do: "hold" }
  | { do: "fulfil" }
  | { do: "wait-again" }
  | { do: "expire"; reason: string }
  | { do: "forget-quote" }
  | null;

/** One step of one request; the next round sees what follows. Pure. */
export function decideRequest(
  request: RequestRecord,
  reservation: { state: ReservationState; reason: string | null } | null,
  nowMs: number,
): RequestStep {
  if (request.state === "waiting") {
    if (reservation !== null) return { do: "hold" };
    if (nowMs >= request.waitUntilMs)
      return { do: "expire", reason: "nothing that met it came free in time" };
    return request.quoteId === null ? null : { do: "forget-quote" };
  }
  if (request.state !== "held" || reservation === null || reservation.state === "held") return null;
  if (reservation.state === "funded") return { do: "fulfil" };
  const why = reservation.reason ?? reservation.state;
  if (request.lapses + 1 >= MAX_LAPSES) return { do: "expire", reason: `held ${MAX_LAPSES} times: ${why}` };
  if (nowMs >= request.waitUntilMs)
    return { do: "expire", reason: `held, and its time was over then: ${why}` };
  return { do: "wait-again" };
}
