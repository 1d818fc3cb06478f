import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { ReconcilerName } from "../context.ts";

/** Counts of things by a word, read when Prometheus asks: clusters by state. */
export type CountByState = () => Promise<Record<string, number>>;

/** What /metrics shows. */
export type Metrics = {
  answered(method: string, route: string, status: number, seconds: number): void;
  ran(name: ReconcilerName, seconds: number, failed: boolean): void;
  text(): Promise<string>;
  contentType: string;
};

export function createMetrics(counts: { clusters?: CountByState; nodes?: CountByState }): Metrics {
  const registry = new Registry();
  const requests = new Histogram({
    name: "ionet_http_request_seconds",
    help: "Time from a request to its answer, held answers included",
    labelNames: ["method", "route", "status"],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 12],
    registers: [registry],
  });
  const runs = new Histogram({
    name: "ionet_reconciler_run_seconds",
    help: "Time of one run of a reconciler",
    labelNames: ["reconciler"],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [registry],
  });
  const failures = new Counter({
    name: "ionet_reconciler_failures_total",
    help: "Runs of a reconciler that ended with an error",
    labelNames: ["reconciler"],
    registers: [registry],
  });
  for (const [things, count] of Object.entries(counts)) {
    new Gauge({
      name: `ionet_${things}`,
      help: `How many ${things} there are, by state`,
      labelNames: ["state"],
      registers: [registry],
      async collect() {
        this.reset();
        for (const [state, number] of Object.entries(await count())) this.set({ state }, number);
      },
    });
  }
  return {
    answered: (method, route, status, seconds) => requests.observe({ method, route, status }, seconds),
    ran: (reconciler, seconds, failed) => {
      runs.observe({ reconciler }, seconds);
      if (failed) failures.inc({ reconciler });
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
