import { existsSync } from "node:fs";
import { choose, type FreeOffer } from "@ionet/placement";
import { testOffer } from "@ionet/placement/testing";
import { type Demand, makeId, microUsdPerGpuHour } from "@ionet/protocol";
import { readTrace, TraceUnreadable } from "../read-trace.ts";
import { type Seeded, seeded } from "../seeded.ts";
import { exactJudge } from "./exact.ts";

const SIZES = [1, 1, 2, 2, 4, 4, 8, 8] as const;
const COUNTRIES = ["DE", "FI", "NO", "US"] as const;

/** A market and what is wanted of it. */
type Case = { offers: FreeOffer[]; demand: Demand };

/** What our choices cost above the least they could: shares of that, worst and mean. `missed`: not met, though it could be. */
export type Optimality = {
  cases: number;
  worstGap: number;
  meanGap: number;
  missed: number;
  fromTraces: number;
};

/** Lets the exact solver judge our choices. */
export async function measureOptimality(
  of: { cases: number; traces: string; seed?: number },
  say: (line: string) => void,
): Promise<Optimality> {
  const judge = await exactJudge();
  const random = seeded(of.seed ?? 7);
  const machines = readMachines(of.traces, say);
  const gaps: number[] = [];
  let missed = 0;
  let fromTraces = 0;
  for (let i = 0; i < of.cases; i++) {
    const traced = machines.length > 0 && i % 2 === 1;
    const { offers, demand } = makeCase(random, traced ? machines : SIZES);
    const least = judge(offers, demand);
    const shares = choose(offers, demand);
    if (least === null) {
      if (shares !== null) throw new Error("chose what the exact solver says can't be");
      continue;
    }
    if (traced) fromTraces++;
    if (shares === null) {
      missed++;
      continue;
    }
    const cost = shares.reduce(
      (sum, { offer, gpus }) => sum + offer.priceMicroUsdPerGpuHour * BigInt(gpus.length),
      0n,
    );
    if (cost < least) throw new Error("cheaper than the exact solver: one of the two breaks a limit");
    gaps.push(Number(((cost - least) * 1_000_000n) / least) / 1_000_000);
  }
  const meanGap = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  return {
    cases: gaps.length + missed,
    worstGap: Math.max(...gaps),
    meanGap: Math.round(meanGap * 1e6) / 1e6,
    missed,
    fromTraces,
  };
}

/**
 * A market of one model and a demand with some limits: 20 to 60 nodes of a third as many suppliers, or up to 200, or of few
 * suppliers, or all at one of two prices; the limits loose, or so tight that often several bind at once.
 */
function makeCase(random: Seeded, sizes: readonly number[]): Case {
  const large = random.below(8) === 0;
  const nodes = large ? 100 + random.below(100) : 20 + random.below(40);
  const suppliers = random.below(5) === 0 ? 3 + random.below(4) : Math.ceil(nodes / 3);
  const prices = random.below(6) === 0 ? 2 : 800;
  const offers = Array.from({ length: nodes }, (_, n) => {
    const gpus = random.pick(sizes);
    return testOffer({
      nodeId: makeId(
        "node",
        Uint8Array.from({ length: 20 }, (_, i) => (i < 2 ? n >> (5 * i) : 0)),
      ),
      supplier: `supplier${random.below(suppliers)}`,
      country: random.pick(COUNTRIES),
      // Part of a machine is taken already.
      gpusFree: gpus - random.below(Math.max(1, gpus / 2)),
      confinement: "namespace",
      priceMicroUsdPerGpuHour: microUsdPerGpuHour(1000n * BigInt(200 + random.below(prices))),
    });
  });
  const gpuCount = 1 + random.below(large ? 96 : 32);
  const placement = (["pack", "spread"] as const)[random.below(5)];
  return {
    offers,
    demand: {
      gpuModel: "a100-40gb",
      gpuCount,
      durationSeconds: 3600,
      currency: "USDC",
      ...(random.below(2) === 0 ? looseLimits(random, gpuCount) : tightLimits(random, gpuCount)),
      ...(random.below(4) > 0 ? {} : { countries: ["DE", "NO", "US"] }),
      ...(placement === undefined ? {} : { placement }),
    },
  };
}

type SomeLimits = Pick<Demand, "minSuppliers" | "maxSuppliers" | "maxNodes">;

function looseLimits(random: Seeded, gpuCount: number): SomeLimits {
  const some = (limit: number) => 1 + random.below(limit);
  return {
    minSuppliers: random.below(2) === 0 ? 1 : Math.min(gpuCount, some(5)),
    ...(random.below(2) === 0 ? {} : { maxNodes: Math.max(5, some(Math.max(5, gpuCount / 3))) }),
    ...(random.below(2) === 0 ? {} : { maxSuppliers: 5 + random.below(3) }),
  };
}

function tightLimits(random: Seeded, gpuCount: number): SomeLimits {
  const minSuppliers = 1 + random.below(Math.min(4, gpuCount));
  return {
    minSuppliers,
    maxSuppliers: minSuppliers + random.below(3),
    maxNodes: Math.max(minSuppliers, Math.ceil(gpuCount / 8) + random.below(4)),
  };
}

/** How many GPUs the machines of the traced cluster have; none, and a line that says so, where the trace is not there. */
function readMachines(folder: string, say: (line: string) => void): number[] {
  const withoutTrace = (why: string) => {
    say(`${why}: optimality is judged on made cases only`);
    return [];
  };
  if (!existsSync(folder)) return withoutTrace(`no trace in ${folder}`);
  try {
    const { nodes } = readTrace(folder);
    return nodes.map(({ gpus }) => gpus).filter((gpus) => gpus > 0);
  } catch (error) {
    if (!(error instanceof TraceUnreadable)) throw error;
    return withoutTrace(error.message);
  }
}
