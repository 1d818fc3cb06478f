import type { Handlers } from "../../platform/http/handlers.ts";
import { estimateEarnings } from "./estimate-earnings.ts";

/** What the fee is in USDC where a network does not say: a parameter of every network. */
const DEFAULT_FEE_BPS = 200;

/** @param feeBps the network's fee in USDC, in hundredths of a percent */
export const earningsRoutes = (feeBps = DEFAULT_FEE_BPS): Handlers<"earnings"> => ({
  earnings: async ({ query }) => estimateEarnings(query, feeBps),
});
