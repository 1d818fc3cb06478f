import { z } from "zod";
import { addressSchema, currencySchema } from "./wire.ts";

/** The Ray that every node of a cluster runs: agent/environment/requirements.txt pins it with its hashes. */
export const RAY_VERSION = "2.60.0";

/** What a client has to know of this network before it pays. */
export const networkSchema = z.object({
  version: z.string(),
  chain: z.object({
    genesisHash: z.string().meta({
      description: "compare with your own RPC endpoint's: a different one is another Solana network",
    }),
    rpcUrl: z.string(),
    wsUrl: z.string(),
  }),
  escrowProgram: addressSchema,
  treasury: addressSchema,
  currencies: z.array(
    z.object({
      symbol: currencySchema,
      mint: addressSchema,
      decimals: z.number().int(),
      feeBps: z.number().int(),
      price: z.object({ source: addressSchema, simulated: z.boolean() }).nullable().meta({
        description: "the account on chain that gives its price in USD; null: it counts as one dollar",
      }),
    }),
  ),
  rayVersion: z.string(),
  holdSeconds: z.number().int(),
  minimumSeconds: z.number().int(),
});
export type Network = z.infer<typeof networkSchema>;
