import type { MethodTable } from "./context.ts";
import { RPC_CODE, RpcError } from "./errors.ts";
import { readCount } from "./parameters.ts";

const YEAR_SECONDS = 366 * 24 * 3600;

/** Time, moved on purpose: this network's own method. */
export const clockMethods: MethodTable = {
  /** [seconds]: moves the network's time ahead; the answer is the slot that is open then. */
  ionet_advanceClock(network, [seconds]) {
    const ahead = readCount(seconds, "seconds", YEAR_SECONDS);
    if (network.advance === undefined)
      throw new RpcError(
        RPC_CODE.invalidRequest,
        "clock: this network's clock moves by itself only; next: start it with --movable-clock",
      );
    network.advance(ahead);
    network.catchUp();
    return network.slots.current();
  },
};
