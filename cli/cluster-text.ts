import type { Cluster } from "@ionet/protocol";
import { rateText } from "./money-text.ts";
import { durationText } from "./quote-text.ts";
import { short, table } from "./table.ts";

/** Clusters, one line each. */
export function clustersText(clusters: readonly Cluster[]): string {
  if (clusters.length === 0) return "No clusters yet: `ionet rent a100-40gb --count 4` makes one.";
  return table(
    ["cluster", "state", ">nodes", ">GPUs", ">per hour", "since", "why"],
    clusters.map((cluster) => [
      cluster.id,
      cluster.state,
      String(cluster.leases.length),
      String(gpusOf(cluster)),
      rateText(hourly(cluster), cluster.currency),
      cluster.createdAt,
      cluster.reason ?? "",
    ]),
  );
}

/** A cluster with its leases and what happened to it. */
export function clusterText(cluster: Cluster): string {
  // The same but for leases shorter than the least that is billed.
  const isBilledApart = cluster.leases.some((lease) => lease.billedSeconds !== lease.deliveredSeconds);
  const leases = table(
    [
      "lease",
      "role",
      "supplier",
      "kind",
      "country",
      "GPU",
      ">GPUs",
      ">per hour",
      "phase",
      ">delivered",
      ...(isBilledApart ? [">billed"] : []),
      "why",
    ],
    cluster.leases.map((lease) => [
      lease.id,
      lease.role,
      short(lease.supplier),
      lease.supplierKind,
      lease.country,
      lease.gpuModel + (lease.simulated ? " (simulated)" : ""),
      String(lease.gpus.length),
      rateText(lease.ratePerHour, cluster.currency),
      lease.phase,
      durationText(lease.deliveredSeconds),
      ...(isBilledApart ? [durationText(lease.billedSeconds)] : []),
      lease.reason ?? (lease.reclaimAt === null ? "" : `reclaimed at ${lease.reclaimAt}`),
    ]),
  );
  const started = Date.parse(cluster.createdAt);
  const events = table(
    [">after", "what", "detail"],
    cluster.events.map((event) => [
      `${((Date.parse(event.at) - started) / 1000).toFixed(1)} s`,
      event.event,
      event.detail ?? "",
    ]),
  );
  return [
    `${cluster.id}: ${cluster.state}${cluster.reason ? ` (${cluster.reason})` : ""}`,
    `${cluster.escrows.length === 1 ? "escrow" : "escrows"} ${cluster.escrows.join(", ")}, jobs at ${cluster.jobsAddress}`,
    "",
    leases,
    ...(cluster.events.length === 0 ? [] : ["", events]),
  ].join("\n");
}

const gpusOf = (cluster: Cluster) => cluster.leases.reduce((count, lease) => count + lease.gpus.length, 0);
const hourly = (cluster: Cluster) => cluster.leases.reduce((total, lease) => total + lease.ratePerHour, 0n);
