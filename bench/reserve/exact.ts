import { createRequire } from "node:module";
import { type FreeOffer, suits } from "@ionet/placement";
import type { Demand } from "@ionet/protocol";
import type Highs from "highs";

// The package's types describe what `require` gives, not its ES module.
const loadHighs: typeof Highs.default = createRequire(import.meta.url)("highs");

/**
 * The least that a demand can cost, placed as it says, in micro-USD per hour; null when it can't be met. All offers are of
 * nodes that reach each other.
 */
export type Judge = (offers: readonly FreeOffer[], demand: Demand) => bigint | null;

/**
 * An exact solver as the judge: which nodes (y), how many GPUs of each (x), which suppliers (w). Prices are whole numbers
 * of micro-USD far below 2⁵³, so its floating point says them exactly. What `pack` and `spread` put before the price, the
 * fewest nodes and the smallest share, is what it is asked first.
 */
export async function exactJudge(): Promise<Judge> {
  const highs = await loadHighs();
  const least = (offers: readonly FreeOffer[], demand: Demand, asked: ExactDemand): number | null => {
    if (offers.length === 0) return null;
    const { Status, ObjectiveValue } = highs.solve(model(offers, demand, asked), {
      mip_rel_gap: 0,
      mip_abs_gap: 0.5,
    });
    if (Status === "Optimal") return Math.round(ObjectiveValue);
    if (Status === "Infeasible") return null;
    throw new Error(`the judge could not tell: ${Status}`);
  };
  const cheapest = (offers: readonly FreeOffer[], demand: Demand, most = demand.gpuCount): bigint | null => {
    const cost = least(offers, demand, { objective: "cost", most });
    return cost === null ? null : BigInt(cost);
  };
  return (offers, demand) => {
    const suitable = offers.filter((offer) => suits(offer, demand));
    if (demand.placement === "spread") {
      const share = least(suitable, demand, { objective: "share", most: demand.gpuCount });
      return share === null ? null : cheapest(suitable, demand, share);
    }
    if (demand.placement !== "pack") return cheapest(suitable, demand);
    const packed = (group: readonly FreeOffer[]) => {
      const nodes = least(group, demand, { objective: "nodes", most: demand.gpuCount });
      return nodes === null ? [] : [{ nodes, group }];
    };
    const regions = [...Map.groupBy(suitable, ({ region }) => region).values()].flatMap(packed);
    const places = regions.length > 0 ? regions : packed(suitable);
    const fewest = Math.min(...places.map(({ nodes }) => nodes));
    return places
      .filter(({ nodes }) => nodes === fewest)
      .map(({ group }) => cheapest(group, { ...demand, maxNodes: fewest }))
      .reduce(lesser, null);
  };
}

const lesser = (a: bigint | null, b: bigint | null): bigint | null =>
  a === null || (b !== null && b < a) ? b : a;

/** What is to be least: the cost, the number of nodes, or the most GPUs of one supplier; of which none gives more than `most`. */
type ExactDemand = { objective: "cost" | "nodes" | "share"; most: number };

/** The demand in CPLEX's LP format. */
function model(offers: readonly FreeOffer[], demand: Demand, { objective, most }: ExactDemand): string {
  const x = offers.map((_, i) => `x${i}`);
  const suppliers = [...new Set(offers.map((offer) => offer.supplier))];
  const of = (supplier: string) => x.filter((_, i) => offers[i]?.supplier === supplier);
  const sum = (names: readonly string[]) => names.join(" + ");
  const y = x.map((_, i) => `y${i}`);
  const w = suppliers.map((_, s) => `w${s}`);
  const rows = [
    `${sum(x)} = ${demand.gpuCount}`,
    ...offers.map((offer, i) => `x${i} - ${offer.gpusFree} y${i} <= 0`),
    `${sum(y)} <= ${demand.maxNodes ?? offers.length}`,
    // A supplier is one of the chosen when it gives a GPU, and gives none when it is not.
    ...suppliers.map((name, s) => `w${s} - ${of(name).join(" - ")} <= 0`),
    ...offers.map((offer, i) => `y${i} - w${suppliers.indexOf(offer.supplier)} <= 0`),
    ...suppliers.map((name) => `${sum(of(name))} - t <= 0`),
    `t <= ${most}`,
    `${sum(w)} >= ${demand.minSuppliers}`,
    `${sum(w)} <= ${demand.maxSuppliers ?? suppliers.length}`,
  ];
  return [
    "Minimize",
    ` least: ${
      {
        cost: offers.map((offer, i) => `${offer.priceMicroUsdPerGpuHour} x${i}`).join(" + "),
        nodes: sum(y),
        share: "t",
      }[objective]
    }`,
    "Subject To",
    ...rows.map((row, r) => ` r${r}: ${row}`),
    "General",
    ` ${x.join(" ")} t`,
    "Binary",
    ` ${[...y, ...w].join(" ")}`,
    "End",
    "",
  ].join("\n");
}
