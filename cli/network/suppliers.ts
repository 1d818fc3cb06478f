import { detectHardware, runCommand } from "@ionet/agent";
import type { SupplierKind } from "@ionet/protocol";

/** One node of the local network: a process with an agent in it. */
export type LocalNode = {
  /** Also the name of its folder and its log. */
  name: string;
  /** Declared, not there: as `1xA100-40GB`. Null: what the machine really has. */
  simulated: string | null;
  /** US dollars per GPU-hour. */
  price: string;
};

/** An independent supplier of the local network, with a wallet of its own. */
export type LocalSupplier = {
  name: string;
  kind: SupplierKind;
  country: string;
  nodes: readonly LocalNode[];
};

/** A market in small: three kinds of supplier, four wallets, five nodes, five prices. */
export const localSuppliers: readonly LocalSupplier[] = [
  {
    name: "frankfurt-dc",
    kind: "data-centre",
    country: "DE",
    nodes: [
      { name: "frankfurt-dc-1", simulated: "1xA100-40GB", price: "0.55" },
      { name: "frankfurt-dc-2", simulated: "1xA100-40GB", price: "0.62" },
    ],
  },
  {
    name: "fjord-miner",
    kind: "miner",
    country: "NO",
    nodes: [{ name: "fjord-miner", simulated: "1xA100-40GB", price: "0.38" }],
  },
  {
    name: "texas-miner",
    kind: "miner",
    country: "US",
    nodes: [{ name: "texas-miner", simulated: "1xA100-40GB", price: "0.49" }],
  },
  {
    name: "polder-storage",
    kind: "storage-provider",
    country: "NL",
    nodes: [{ name: "polder-storage", simulated: "1xA100-40GB", price: "0.44" }],
  },
];

const thisMachine: LocalSupplier = {
  name: "this-machine",
  kind: "individual",
  country: "DE",
  nodes: [{ name: "this-machine", simulated: null, price: "0.60" }],
};

/** The suppliers of a network on this machine: a real GPU that is found is offered too, by a supplier of its own. */
export async function suppliersHere(stateFolder: string): Promise<readonly LocalSupplier[]> {
  const { gpus } = await detectHardware({ run: runCommand, folder: stateFolder });
  return gpus.length === 0 ? localSuppliers : [...localSuppliers, thisMachine];
}
