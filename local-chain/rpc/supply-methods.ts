import { SYSTEM_PROGRAM } from "../genesis.ts";
import { type MethodTable, readView, withContext } from "./context.ts";
import { readConfig, readFlag, readWord } from "./parameters.ts";

const LARGEST = 20;

/** Methods about all lamports together: those that wallets hold. What the faucet still has does not circulate. */
export const supplyMethods: MethodTable = {
  getSupply(network, [config]) {
    const options = readConfig(config);
    const hides = readFlag(options.excludeNonCirculatingAccountsList, "excludeNonCirculatingAccountsList");
    const { commitment, slot } = readView(network, options);
    const faucet = network.faucet.signer.address;
    const nonCirculating = network.account(faucet, commitment)?.lamports ?? 0n;
    let total = 0n;
    for (const wallet of network.programAccounts(SYSTEM_PROGRAM, commitment)) total += wallet.lamports;
    return withContext(slot, {
      circulating: total - nonCirculating,
      nonCirculating,
      nonCirculatingAccounts: hides ? [] : [faucet],
      total,
    });
  },

  getLargestAccounts(network, [config]) {
    const options = readConfig(config);
    const filters = ["circulating", "nonCirculating", "all"] as const;
    const filter = readWord(options.filter, "filter", filters, "all");
    const { commitment, slot } = readView(network, options);
    const faucet = network.faucet.signer.address;
    const wallets = network
      .programAccounts(SYSTEM_PROGRAM, commitment)
      .filter(({ address }) => filter === "all" || (address === faucet) === (filter === "nonCirculating"));
    wallets.sort((a, b) => (a.lamports < b.lamports ? 1 : a.lamports > b.lamports ? -1 : 0));
    return withContext(
      slot,
      wallets.slice(0, LARGEST).map(({ address, lamports }) => ({ address, lamports })),
    );
  },
};
