import type { CloudPrice, Cluster, Quote, Settlement } from "@ionet/protocol";
import type { Proof } from "@ionet/sdk";
import type { Job } from "@ionet/sdk/node";
import { z } from "zod";
import { amountText, dollarsOf, priceText, roundToCents, solPriceText } from "../money-text.ts";
import { savedText } from "../quote-text.ts";
import { type NodeNames, settlementText } from "../settlement-text.ts";

/** What examples/quant-sweep says of itself in its last line. */
export const sweepResultSchema = z.looseObject({
  bestFast: z.number(),
  bestSlow: z.number(),
  totalReturn: z.number(),
  combinations: z.number(),
  nodesUsed: z.number(),
  singleProcessMatches: z.boolean(),
  seconds: z.number(),
});
export type SweepResult = z.infer<typeof sweepResultSchema>;

/** All that the demo has seen, for people and for programs. */
export type DemoOutcome = {
  cluster: Cluster;
  readySeconds: number;
  job: Job;
  result: SweepResult | null;
  settlement: Settlement;
  proof: Proof;
  quote: Quote;
};

/** What must hold for the demo to have worked; empty when all of it does. */
export function failuresOf({ cluster, job, result, settlement, proof }: DemoOutcome): string[] {
  const suppliers = [...proof.paid].filter(([, amount]) => amount > 0n).length;
  return [
    ...(job.status === "SUCCEEDED" ? [] : [`the job ended as ${job.status}`]),
    ...(result?.singleProcessMatches ? [] : ["the job's result is not that of a single process"]),
    ...(proof.holds ? [] : ["deposited = paid + fee + refunded does not hold in the chain's balances"]),
    ...(suppliers >= 3 ? [] : [`${suppliers} suppliers were paid, not at least 3`]),
    ...(settlement.payouts.length === cluster.leases.length ? [] : ["a lease was not settled"]),
  ];
}

/** The demo's JSON document: amounts in base units, as strings. */
export function outcomeJson(outcome: DemoOutcome, stages: Record<string, number>) {
  const { cluster, readySeconds, job, result, settlement, proof, quote } = outcome;
  const leases = new Map(cluster.leases.map((lease) => [lease.id, lease]));
  return {
    cluster: {
      id: cluster.id,
      nodes: cluster.leases.length,
      suppliers: new Set(cluster.leases.map((lease) => lease.supplier)).size,
      readySeconds,
    },
    job: { id: job.id, status: job.status, result },
    payment: {
      mint: settlement.currency,
      ...(quote.solPrice === null
        ? {}
        : {
            microUsdPerSol: quote.solPrice.microUsdPerSol,
            priceSimulated: quote.solPrice.simulated,
          }),
      deposited: proof.deposited,
      suppliers: settlement.payouts.map((payout) => ({
        supplier: payout.supplier,
        kind: leases.get(payout.leaseId)?.supplierKind ?? null,
        node: leases.get(payout.leaseId)?.nodeId ?? null,
        seconds: payout.seconds,
        paid: payout.paid,
        signature: payout.signature,
      })),
      fee: proof.fee,
      refunded: proof.refunded,
      holds: proof.holds,
    },
    stages,
  };
}

/** The table of payments, the sum read back from the chain, and what a cloud would have charged. */
export function paymentText(outcome: DemoOutcome, names: NodeNames): string {
  const { cluster, settlement, proof, quote } = outcome;
  const paid = [...proof.paid.values()].reduce((total, amount) => total + amount, 0n);
  const sum = `${proof.deposited} = ${paid} + ${proof.fee} + ${proof.refunded}`;
  return [
    settlementText(cluster, settlement, names),
    "",
    `${proof.holds ? "✔" : "✘"} deposited = paid + fee + refunded: ${sum} (${settlement.currency === "SOL" ? "lamports" : "base units"}, read back from the chain's balances)`,
    ...(quote.solPrice === null ? [] : [`  ${solPriceText(quote.solPrice)}`]),
    ...quote.clouds
      .filter(({ provider }) => /aws|amazon/i.test(provider))
      .map((cloud) => cloudLine(cloud, outcome, paid + proof.fee)),
  ].join("\n");
}

const SECONDS_PER_HOUR = 3600n;

function cloudLine(cloud: CloudPrice, { cluster, settlement, quote }: DemoOutcome, spent: bigint): string {
  const leases = new Map(cluster.leases.map((lease) => [lease.id, lease]));
  const gpuSeconds = settlement.payouts.reduce(
    (total, { leaseId, seconds }) => total + BigInt(seconds * (leases.get(leaseId)?.gpus.length ?? 0)),
    0n,
  );
  const theirs = (cloud.priceMicroUsdPerGpuHour * gpuSeconds) / SECONDS_PER_HOUR;
  const ours = dollarsOf(spent, quote.solPrice);
  const here = quote.solPrice === null ? "" : ` (${priceText(ours)})`;
  const day = roundToCents(cloud.priceMicroUsdPerGpuHour * 24n);
  return `  ${cloud.provider}, ${cloud.asOf} (${priceText(day)} a day per GPU): the same ${gpuSeconds} GPU-seconds ${priceText(theirs)}; here ${amountText(spent, settlement.currency)}${here}, ${savedText(theirs, ours)} saved`;
}
