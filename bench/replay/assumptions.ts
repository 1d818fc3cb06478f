import { NODES_OF_SUPPLIER, SPREAD_PERCENT } from "./make-offers.ts";
import { LATENCY_SENSITIVE_WAIT, OTHERS_WAIT } from "./make-wishes.ts";

/** What the trace does not say and the replay takes to be so. */
export const assumptions: readonly string[] = [
  `Prices: the dated catalogue's middle on-demand price of each model, moved by up to ${SPREAD_PERCENT} % supplier by supplier (seeded); ${NODES_OF_SUPPLIER} nodes a supplier.`,
  "Whole GPUs are hired: a pod that asks for part of one pays all of it. CPU and memory of pods are not looked at.",
  "A pod runs as long as it did in the trace; one that never ran there, as long as half of the others. 60 s are billed at least. Cost is what the hired GPUs cost within the hours shown.",
  `Demands are served in plain order of arrival, under every policy: whoever can't be makes all later ones wait (the market's waiting requests let shorter ones pass, which is not replayed). Latency-sensitive ones give up after ${LATENCY_SENSITIVE_WAIT} s, others after ${OTHERS_WAIT} s.`,
  "A pod names no model unless the trace says so: any will do, all its GPUs of one model, on one node. `ionet, several nodes` may join nodes, which the pods could not.",
  "first-fit and best-fit do not look at prices: first node of the trace's list that fits; the one with fewest GPUs free.",
  "Load ×f: demands drawn from the trace's (seeded), evenly over the hours, until what they would run in these hours is f × all GPU time of the cluster, which is idle at first.",
  "fragmentation: of the free GPU time on nodes as large as the largest demand, the share on nodes with too few free for it. expectedFragmentation: of all free GPU time, the share on nodes with too few free for the next demand, drawn from all (Weng et al., USENIX ATC 2023; on whole GPUs).",
];
