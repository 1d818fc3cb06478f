import { accountMethods } from "./account-methods.ts";
import { clockMethods } from "./clock-methods.ts";
import { clusterMethods } from "./cluster-methods.ts";
import type { MethodTable } from "./context.ts";
import { faucetMethods } from "./faucet-methods.ts";
import { historyMethods } from "./history-methods.ts";
import { sendMethods } from "./send-methods.ts";
import { tokenMethods } from "./token-methods.ts";

/** Every method that this network answers over HTTP; all others are answered −32601. */
export const METHODS: MethodTable = {
  ...clusterMethods,
  ...accountMethods,
  ...tokenMethods,
  ...sendMethods,
  ...historyMethods,
  ...faucetMethods,
  ...clockMethods,
};
