import type { FreeOffer } from "@ionet/placement";
import { testOffer } from "@ionet/placement/testing";
import { type Demand, demandSchema, type RequestId } from "@ionet/protocol";
import { z } from "zod";
import type { Round } from "../decide-queue.ts";
import type { RequestRecord } from "../model.ts";
import { newRoundRobin } from "../round-robin.ts";
import type { SupplyForecast } from "../supply-forecast.ts";
import { openTimeSlices } from "../time-slices.ts";

/** A node of a test by its letter. */
export const nodeOf = (name: string): FreeOffer["nodeId"] => `nod_${name}` as FreeOffer["nodeId"];

/** Nodes as `name: [free at, …]`, a time (ms) for each GPU; 0 is free now. */
export const supplyOf = (
  nodes: Record<string, readonly number[]>,
  of: Partial<FreeOffer> = {},
): SupplyForecast =>
  Object.entries(nodes).map(([name, freeAtMs]) => ({
    offer: testOffer({ nodeId: nodeOf(name), supplier: name, gpusFree: freeAtMs.length, ...of }),
    freeAtMs,
  }));

/** A round at a time, of a process that has just begun; what it costs is counted. */
export const roundAt = (nowMs: number, of: Partial<Round> = {}): Round => ({
  nowMs,
  inForce: [],
  turns: newRoundRobin(),
  work: openTimeSlices(async () => {}),
  ...of,
});

/** A waiting request for `gpus` GPUs for an hour, queued at `queuedAtMs`. */
export function requestOf(
  name: string,
  gpus: number,
  of: Partial<RequestRecord> & { wanted?: Partial<Demand> } = {},
): RequestRecord {
  const { wanted, ...rest } = of;
  return {
    id: `req_${name}` as RequestId,
    accountId: "acc_a" as RequestRecord["accountId"],
    wallet: "wallet",
    demand: { ...z.decode(demandSchema, { gpuModel: "a100-40gb", gpuCount: gpus }), ...wanted },
    leasesPerEscrow: 50,
    waitUntilMs: 1e12,
    state: "waiting",
    reason: null,
    createdAtMs: 0,
    queuedAtMs: 0,
    lapses: 0,
    quoteId: null,
    reservationId: null,
    tryAfterMs: 0,
    refusals: 0,
    fundsSeenAtMs: Number.MAX_SAFE_INTEGER,
    told: { atMs: null, position: null, waitsFor: null, earliestMs: null },
    ...rest,
  };
}
