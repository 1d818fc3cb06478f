import { NATIVE_SOL } from "@ionet/chain";
import type { PaymentTerms } from "../payment-terms.ts";

/** What stands for the chain where there is none: every wallet shows 1,000 USDC, nobody knows the price of SOL. */
export const testPaymentTerms = (of: Partial<PaymentTerms> = {}): PaymentTerms => ({
  currencies: {
    USDC: {
      mint: "So11111111111111111111111111111111111111112",
      feeBps: 200,
      decimals: 6,
      rateValidSeconds: 0,
    },
    SOL: { mint: NATIVE_SOL, feeBps: 150, decimals: 9, rateValidSeconds: 86_400 },
  },
  solPrice: () => Promise.reject(new Error("nobody pays in SOL here")),
  walletBalance: async () => 1_000_000_000n,
  escrowAddress: async (engineer, number) =>
    `${engineer.slice(0, 20)}${number}`.replaceAll("0", "z").padEnd(32, "1"),
  ...of,
});
