import type { Handlers } from "../http/handlers.ts";
import { estimateEarnings } from "./estimate-earnings.ts";

/** @param feeBps the network's fee in USDC */
export const earningsRoutes = (feeBps: number): Handlers<"earnings"> => ({
  earnings: async ({ query }) => estimateEarnings(query, feeBps),
});
