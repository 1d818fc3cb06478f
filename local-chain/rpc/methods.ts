import { accountMethods } from "./account-methods.ts";
import { blockMethods } from "./block-methods.ts";
import { clockMethods } from "./clock-methods.ts";
import { clusterMethods } from "./cluster-methods.ts";
import type { MethodTable } from "./context.ts";
import { faucetMethods } from "./faucet-methods.ts";
import { historyMethods } from "./history-methods.ts";
import { sendMethods } from "./send-methods.ts";
import { setAccountMethods } from "./set-account-methods.ts";
import { simulateMethod } from "./simulate-method.ts";
import { supplyMethods } from "./supply-methods.ts";
import { tokenMethods } from "./token-methods.ts";
import { validatorMethods } from "./validator-methods.ts";

/** Every method that this network answers over HTTP; all others are answered −32601. */
export const METHODS: MethodTable = {
  ...setAccountMethods,
  ...clusterMethods,
  ...validatorMethods,
  ...blockMethods,
  ...supplyMethods,
  ...accountMethods,
  ...tokenMethods,
  ...sendMethods,
  ...simulateMethod,
  ...historyMethods,
  ...faucetMethods,
  ...clockMethods,
};
