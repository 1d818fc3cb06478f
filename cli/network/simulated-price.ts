import { encodePriceUpdate, PYTH_RECEIVER, SOL_USD_FEED } from "@ionet/chain";
import type { Clock } from "@ionet/machine";
import { pause } from "@ionet/sdk";
import type { Address } from "@solana/kit";
import { setAccount } from "./faucet.ts";

/** What a SOL is said to be worth on a local network: $142.37, ± 0.04 %. Nobody trades it there. */
const PRICE = { price: 14_237_000_000n, confidence: 5_700_000n, exponent: -8 };
/** A price older than a minute is taken by nobody. */
const EVERY_MS = 15_000;

/** A price account that is kept fresh until it is stopped. */
export type SimulatedPrice = { account: Address; stop(): Promise<void> };

/**
 * Posts a simulated price of SOL on a local network, in the format and under the owner of the real ones, and posts it
 * again before it gets old. Rejects when the network does not take it the first time.
 */
export async function postSimulatedPrice(
  rpcUrl: string,
  account: Address,
  clock: Clock,
): Promise<SimulatedPrice> {
  const post = () => {
    const publishTime = BigInt(Math.floor(clock.now() / 1000));
    const update = encodePriceUpdate({
      ...PRICE,
      writeAuthority: account,
      verification: "full",
      feedId: SOL_USD_FEED,
      publishTime,
      previousPublishTime: publishTime - 1n,
      postedSlot: 0n,
    });
    return setAccount(rpcUrl, account, PYTH_RECEIVER, update);
  };
  await post();
  const stopped = new AbortController();
  const refreshing = (async () => {
    while (!stopped.signal.aborted) {
      await pause(EVERY_MS, stopped.signal).catch(() => {});
      // The network may be ending just now; a price that is not refreshed is refused by who reads it.
      if (!stopped.signal.aborted) await post().catch(() => {});
    }
  })();
  return {
    account,
    stop: async () => {
      stopped.abort();
      await refreshing;
    },
  };
}
