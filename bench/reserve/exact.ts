import { createRequire } from "node:module";
import type { Demand } from "@ionet/protocol";
import type Highs from "highs";
import type { FreeOffer } from "../../control-plane/inventory/offers-of-node.ts";
import { suits } from "../../control-plane/reservations/choose.ts";

// The package's types describe what `require` gives, not its ES module.
const loadHighs: typeof Highs.default = createRequire(import.meta.url)("highs");

/** The least that a demand can cost, in micro-USD per hour; null when it can't be met. */
export type Judge = (offers: readonly FreeOffer[], demand: Demand) => bigint | null;

/**
 * An exact solver as the judge: which nodes (y), how many GPUs of each (x), which suppliers (w). Prices are whole numbers
 * of micro-USD far below 2⁵³, so its floating point says them exactly.
 */
export async function exactJudge(): Promise<Judge> {
  const highs = await loadHighs();
  return (offers, demand) => {
    const suitable = offers.filter((offer) => suits(offer, demand));
    const groups = Map.groupBy(suitable, (offer) => offer.confinement);
    const costs = [...groups.values()].flatMap((group) => {
      const { Status, ObjectiveValue } = highs.solve(model(group, demand), {
        mip_rel_gap: 0,
        mip_abs_gap: 0.5,
      });
      if (Status === "Optimal") return [BigInt(Math.round(ObjectiveValue))];
      if (Status === "Infeasible") return [];
      throw new Error(`the judge could not tell: ${Status}`);
    });
    return costs.reduce<bigint | null>(
      (least, cost) => (least === null || cost < least ? cost : least),
      null,
    );
  };
}

/** The demand in CPLEX's LP format. */
function model(offers: readonly FreeOffer[], demand: Demand): string {
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
    `${sum(w)} >= ${demand.minSuppliers}`,
    `${sum(w)} <= ${demand.maxSuppliers ?? suppliers.length}`,
  ];
  return [
    "Minimize",
    ` cost: ${offers.map((offer, i) => `${offer.priceMicroUsdPerGpuHour} x${i}`).join(" + ")}`,
    "Subject To",
    ...rows.map((row, r) => ` r${r}: ${row}`),
    "General",
    ` ${x.join(" ")}`,
    "Binary",
    ` ${[...y, ...w].join(" ")}`,
    "End",
    "",
  ].join("\n");
}
