import { setTimeout as sleep } from "node:timers/promises";
import type { TestChain } from "./chain.ts";

const PAUSE_MS = 125;

/**
 * Lets the chain's time, and with it its slots, pass eight times as fast as real time until it is stopped: a test waits
 * for as many slots as ever, and less long. Where this process stands still, so does what is added.
 */
export function passSlotsFast(net: Pick<TestChain, "advance">): () => Promise<void> {
  let isStopped = false;
  const passing = (async () => {
    for (; !isStopped; await sleep(PAUSE_MS)) await net.advance(1);
  })();
  return async () => {
    isStopped = true;
    await passing;
  };
}
