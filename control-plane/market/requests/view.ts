import type { WaitingRequest } from "@ionet/protocol";
import type { RequestRecord } from "./model.ts";

/** A request as its engineer sees it. */
export const toView = (record: RequestRecord): WaitingRequest => ({
  id: record.id,
  state: record.state,
  reason: record.reason,
  demand: record.demand,
  createdAt: new Date(record.createdAtMs).toISOString(),
  waitUntil: new Date(record.waitUntilMs).toISOString(),
  position: record.told.position,
  waitsFor: record.told.waitsFor,
  earliestAt: record.told.earliestMs === null ? null : new Date(record.told.earliestMs).toISOString(),
  reservationId: record.reservationId,
});
